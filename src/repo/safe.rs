//! Whether somebody else's repository is trusted by `safe.directory` of git's command line or environment, which gix does not look
//! at; git does (git-config(1), `safe.directory`). What the system's and the user's files say gix has looked at.
//!
//! Not here: refusing a repository (mod.rs).

use std::path::Path;

use gix::bstr::{BStr, ByteSlice};
use gix::config::source::Kind;

/// Whether it is, the lists of all files and of the command line taken as one. The repository's own file has no say.
pub(super) fn is_trusted(repository: &gix::Repository) -> bool {
    let Ok(place) = std::fs::canonicalize(repository.workdir().unwrap_or(repository.path())) else {
        return false;
    };
    let snapshot = repository.config_snapshot();
    let values = snapshot.plumbing().strings_filter("safe.directory", |meta| {
        matches!(meta.source.kind(), Kind::System | Kind::Global | Kind::Override)
    });
    // An empty value begins the list anew.
    let values = values.unwrap_or_default();
    values.iter().fold(false, |is_trusted, value| {
        !value.is_empty() && (is_trusted || names(value.as_ref(), &place))
    })
}

/// Whether a value names a place: itself, all that is below a folder (`/*` at its end), or everything (`*`).
fn names(value: &BStr, place: &Path) -> bool {
    let real = |path: &[u8]| {
        let path = path.to_path().ok().filter(|path| path.is_absolute())?;
        std::fs::canonicalize(path).ok()
    };
    match value.strip_suffix(b"/*") {
        _ if value == "*" => true,
        Some(folder) => real(folder).is_some_and(|folder| place.starts_with(folder)),
        None => real(value).is_some_and(|path| path == place),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_a_value_names() {
        let folder = crate::temporary::folder();
        let top = std::fs::canonicalize(folder.path()).unwrap();
        let place = top.join("repo");
        std::fs::create_dir(&place).unwrap();
        let [above, here] = [&top, &place].map(|path| path.to_str().unwrap().to_owned());
        for (value, named) in [
            ("*".to_owned(), true),
            (here.clone(), true),
            (format!("{here}/"), true),
            (format!("{above}/*"), true),
            (above, false),
            (format!("{here}x"), false),
            (format!("{here}x/*"), false),
            ("repo".to_owned(), false),
            (String::new(), false),
        ] {
            assert_eq!(names(value.as_str().into(), &place), named, "{value}");
        }
    }
}
