//! Who acts: the name in `[@who]` and `dri`.
//!
//! Not here: reading the environment, git's config and commits; they are handed in.

use std::fmt;

use crate::names::is_hidden;
use crate::trailer::trailer;

#[cfg(test)]
mod tests;

/// The longest name, in characters.
const MAX_LENGTH: usize = 64;

/// A short name without `@`: no blanks, brackets or control characters, at most 64 characters, never empty.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Actor(String);

/// A coding agent and what tells it.
struct Agent {
    /// The name that its entries carry.
    name: &'static str,
    /// Other names for it, as agents give them in `AI_AGENT` and `AGENT`, in lower case.
    aliases: &'static [&'static str],
    /// Variables that it sets for the commands that it runs, and no person does.
    variables: &'static [&'static str],
    /// Addresses that it signs commits with, in lower case, as `Co-authored-by` trailers of public commits have them.
    emails: &'static [&'static str],
}

/// The agents that are known. Where two have marked the environment, the first counts: an agent that runs in another's
/// terminal inherits the other's mark, so that the order only settles what cannot be known.
const AGENTS: [Agent; 10] = [
    // `CLAUDECODE=1`: <https://code.claude.com/docs/en/env-vars>; the address:
    // <https://github.com/Aider-AI/aider/issues/4226>.
    agent(
        "claude",
        &["claude-code", "claudecode"],
        &["CLAUDECODE"],
        &["noreply@anthropic.com"],
    ),
    // `CODEX_SANDBOX`, `CODEX_SANDBOX_NETWORK_DISABLED`: <https://github.com/openai/codex/blob/main/AGENTS.md>;
    // `CODEX_THREAD_ID`: <https://github.com/aws/aws-cdk-cli/blob/main/packages/aws-cdk/lib/cli/util/detect-agent.ts>.
    agent(
        "codex",
        &["codex-cli"],
        &["CODEX_SANDBOX", "CODEX_SANDBOX_NETWORK_DISABLED", "CODEX_THREAD_ID"],
        &["codex@openai.com", "noreply@openai.com"],
    ),
    // `GEMINI_CLI=1`: <https://google-gemini.github.io/gemini-cli/docs/tools/shell.html>.
    agent("gemini", &["gemini-cli"], &["GEMINI_CLI"], &[]),
    // `CURSOR_AGENT`: <https://docs.rs/crate/ai_env/0.1.1/source/src/cursor_cli.rs>. Not `CURSOR_TRACE_ID`, which stands
    // in every terminal of the editor, a person's, too.
    agent(
        "cursor",
        &["cursor-cli", "cursor-agent"],
        &["CURSOR_AGENT"],
        &["cursoragent@cursor.com"],
    ),
    // `COPILOT_CLI=1`: <https://github.com/dynatrace-oss/dtctl/pull/289>.
    agent(
        "copilot",
        &["github-copilot", "copilot-cli"],
        &["COPILOT_CLI"],
        &[
            "copilot@users.noreply.github.com",
            "198982749+copilot@users.noreply.github.com",
        ],
    ),
    // `GOOSE_TERMINAL=1` and `AGENT=goose`: <https://github.com/aaif-goose/goose/pull/7017>.
    agent("goose", &[], &["GOOSE_TERMINAL"], &[]),
    // `AGENT=amp`: <https://ampcode.com/manual/appendix>; `AMP_THREAD_URL`: <https://github.com/sageox/ox/issues/43>.
    agent("amp", &[], &["AMP_THREAD_URL"], &["amp@ampcode.com"]),
    // `OPENCODE=1`: `packages/opencode/src/index.ts` of opencode.
    agent("opencode", &[], &["OPENCODE"], &["noreply@opencode.ai"]),
    // `AUGMENT_AGENT`: <https://socket.dev/npm/package/@vercel/detect-agent/diff/1.1.0>.
    agent("augment", &["augment-cli"], &["AUGMENT_AGENT"], &[]),
    // The address only: <https://github.com/Aider-AI/aider/issues/4226>.
    agent("aider", &[], &[], &["noreply@aider.chat", "aider@aider.chat"]),
];

const fn agent(
    name: &'static str,
    aliases: &'static [&'static str],
    variables: &'static [&'static str],
    emails: &'static [&'static str],
) -> Agent {
    Agent {
        name,
        aliases,
        variables,
        emails,
    }
}

impl Actor {
    /// The name that `text` gives, without what a name cannot hold; `None` where nothing is left.
    pub fn new(text: &str) -> Option<Self> {
        let text = text.trim().trim_start_matches('@');
        let words = text.split(|c: char| c.is_whitespace() || c.is_control());
        let allowed = |c: &char| !"[]<>`".contains(*c) && !is_hidden(*c);
        let words: Vec<String> = words.map(|word| word.chars().filter(allowed).collect()).collect();
        let words: Vec<&str> = words
            .iter()
            .map(String::as_str)
            .filter(|word| !word.is_empty())
            .collect();
        let name: String = words.join("-").chars().take(MAX_LENGTH).collect();
        (!name.is_empty()).then_some(Self(name))
    }

    /// The name without `@`.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The coding agent whose environment this is. `lookup`: the value of a variable. `AI_AGENT` and `AGENT` name it:
    /// <https://github.com/vercel/vercel/blob/main/packages/detect-agent/README.md> and
    /// <https://github.com/agentsmd/agents.md/issues/136>.
    pub fn from_environment(lookup: &dyn Fn(&str) -> Option<String>) -> Option<Self> {
        let is_set = |name: &str| lookup(name).is_some_and(|value| !matches!(value.trim(), "" | "0" | "false"));
        let named = lookup("AI_AGENT").and_then(|value| listed(&value).or_else(|| own_name(&value)));
        // `AGENT` is too common a word to believe any value of it.
        let named = named.or_else(|| lookup("AGENT").and_then(|value| listed(&value)));
        let marked = || {
            AGENTS
                .iter()
                .find(|agent| agent.variables.iter().any(|name| is_set(name)))
        };
        named.or_else(|| marked().and_then(|agent| Self::new(agent.name)))
    }

    /// The variables by which [`Actor::from_environment`] knows an agent; an empty one is no mark.
    pub fn marks() -> impl Iterator<Item = &'static str> {
        let variables = AGENTS.iter().flat_map(|agent| agent.variables.iter().copied());
        ["AI_AGENT", "AGENT"].into_iter().chain(variables)
    }

    /// Who acts now: `BRANCHWORK_ACTOR`, `branchwork.actor` (`configured`), the agent, the GitHub login or the local
    /// part of the author's address; the first that gives a name.
    pub fn resolve(
        lookup: &dyn Fn(&str) -> Option<String>,
        configured: Option<&str>,
        email: Option<&str>,
    ) -> Option<Self> {
        let given = lookup("BRANCHWORK_ACTOR").and_then(|name| Self::new(&name));
        given
            .or_else(|| configured.and_then(Self::new))
            .or_else(|| Self::from_environment(lookup))
            .or_else(|| email.and_then(Self::of_email))
    }

    /// Who a commit's entry is of: the known agent that is its author or a co-author, else its author.
    pub fn of_commit(email: &str, name: &str, message: &str) -> Self {
        let agent = known(email).or_else(|| message.lines().rev().take(MAX_TRAILERS).find_map(co_author));
        let author = || Self::of_email(email).or_else(|| Self::new(name));
        agent.or_else(author).unwrap_or_else(|| Self("unknown".to_owned()))
    }

    fn of_email(email: &str) -> Option<Self> {
        let (local, domain) = email.trim().rsplit_once('@').unwrap_or((email, ""));
        // <https://docs.github.com/en/account-and-profile/reference/email-addresses-reference>: `id+login` or `login`.
        let local = match local.split_once('+') {
            Some((id, login)) if domain == "users.noreply.github.com" && is_number(id) => login,
            _ => local,
        };
        Self::new(local)
    }
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// Trailers stand at the end of a message; more lines than these are not searched.
const MAX_TRAILERS: usize = 100;

fn is_number(text: &str) -> bool {
    !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit())
}

/// The name in a value such as `claude-code` or `goose@1.2`; `None` for `1` and the like.
fn plain(value: &str) -> Option<String> {
    let name = value.trim().split('@').next().unwrap_or_default().to_lowercase();
    (!matches!(name.as_str(), "" | "0" | "1" | "true" | "false")).then_some(name)
}

/// The agent of the table that a value names.
fn listed(value: &str) -> Option<Actor> {
    let name = plain(value)?;
    let is_it = |agent: &&Agent| agent.name == name || agent.aliases.contains(&name.as_str());
    AGENTS.iter().find(is_it).and_then(|agent| Actor::new(agent.name))
}

/// The name that an agent gives itself.
fn own_name(value: &str) -> Option<Actor> {
    plain(value).and_then(|name| Actor::new(&name))
}

fn known(email: &str) -> Option<Actor> {
    let email = email.trim().to_lowercase();
    let agent = AGENTS.iter().find(|agent| agent.emails.contains(&email.as_str()));
    agent.and_then(|agent| Actor::new(agent.name))
}

/// The known agent that a `Co-authored-by: Name <email>` line names.
fn co_author(line: &str) -> Option<Actor> {
    let (token, value) = trailer(line)?;
    let (_, email) = value.strip_suffix('>')?.rsplit_once('<')?;
    token.eq_ignore_ascii_case("co-authored-by").then(|| known(email))?
}
