//! The stack as a tree: who stands on whom, and each branch's place.
//!
//! Whatever was recorded, it is a tree: a branch that would stand on itself, directly or by way of others, stands on the
//! trunk. Not here: which of several recorded parents is right (resolve.rs), and how a stack is drawn (drawing.rs).

use std::cmp::Reverse;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

use super::{PullRequest, Source};
use crate::names::BranchName;

/// What is known of one branch.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Layer {
    /// The branch that it stands on, which may be one of the other trunks; `None` for the trunk.
    pub(crate) parent: Option<BranchName>,
    /// The parent that is named and is not here, so that it stands on the trunk for want of it.
    pub(crate) elsewhere: Option<BranchName>,
    /// What it and its parent stand on, where only the commits tell that the parent was merged: by this its commits are told apart.
    pub(crate) base: Option<BranchName>,
    /// Who says so.
    pub(crate) source: Source,
    /// Nobody recorded it: it was found out.
    pub(crate) guessed: bool,
    /// Somebody names a parent that is not here, so that nobody knows how many branches are below.
    pub(crate) parent_is_gone: bool,
    /// What is recorded of it and of others comes back to it, so that none of it is believed.
    pub(crate) is_in_circle: bool,
    /// The base that its document names was a guess or was left, so that this parent takes its place though it is found out.
    pub(crate) replaces_base: bool,
    /// Position and total, as the document tells them, where only that knows: the parent is not here.
    pub(crate) place: Option<(u64, u64)>,
    /// Its pull request.
    pub(crate) pull_request: Option<PullRequest>,
    /// Whether it was merged.
    pub(crate) merged: bool,
    /// Whether its parent has moved on: the parent's tip is not below it.
    pub(crate) needs_restack: bool,
    /// Pull requests that were merged below it and have no branch any more, bottom first.
    pub(crate) merged_below: Vec<PullRequest>,
    /// Branches that are gone and of which it has commits still that the trunk has in another form, nearest first.
    pub(crate) ended_below: Vec<BranchName>,
}

impl Layer {
    /// A branch of which a document tells the parent, and nothing else is known.
    pub(crate) fn told(parent: Option<BranchName>) -> Self {
        Self {
            parent,
            elsewhere: None,
            base: None,
            source: Source::Document,
            guessed: false,
            parent_is_gone: false,
            is_in_circle: false,
            replaces_base: false,
            place: None,
            pull_request: None,
            merged: false,
            needs_restack: false,
            merged_below: Vec::new(),
            ended_below: Vec::new(),
        }
    }

    /// The branch that it stands on, be it here or not.
    pub(crate) fn named_parent<'a>(&'a self, trunk: &'a BranchName) -> &'a BranchName {
        self.elsewhere.as_ref().or(self.parent.as_ref()).unwrap_or(trunk)
    }

    /// What its document is told as its base.
    pub(crate) fn base<'a>(&'a self, trunk: &'a BranchName) -> &'a BranchName {
        let told_apart_by = self.ended_below.first().or(self.base.as_ref());
        told_apart_by.unwrap_or_else(|| self.named_parent(trunk))
    }
}

/// Branches and what they stand on.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Tree {
    trunk: BranchName,
    others: BTreeSet<BranchName>,
    layers: BTreeMap<BranchName, Layer>,
    /// The branches on each branch and on each trunk, the longest line first.
    children: HashMap<BranchName, Vec<BranchName>>,
    /// Where each of these is, but for the merged ones.
    places: HashMap<BranchName, Place>,
    /// Merged branches that are here still and are told as merged below another one, which they stand below in the stack
    /// although it stands on what they stood on: that one, and the how manieth from the bottom they are of what is merged below it.
    merged: BTreeMap<BranchName, (BranchName, usize)>,
    /// The same, by the one that they are merged below.
    merged_at: HashMap<BranchName, HashMap<usize, BranchName>>,
}

/// Where a branch is.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Place {
    /// How many branches there are from the bottom up to it.
    position: u64,
    /// How many the longest line above it has.
    height: u64,
    /// The one at the bottom.
    bottom: BranchName,
    /// Whether one below is missing here.
    is_cut: bool,
}

impl Tree {
    /// The tree of `layers` on `trunk` and on the `others` that stand on nothing. What stands on none of all these is put on the
    /// trunk, and a circle is opened.
    pub(crate) fn new(
        trunk: BranchName,
        others: BTreeSet<BranchName>,
        mut layers: BTreeMap<BranchName, Layer>,
    ) -> Self {
        layers.retain(|branch, _| *branch != trunk && !others.contains(branch));
        ground(&trunk, &others, &mut layers);
        let merged = merged(&layers);
        let mut children: HashMap<BranchName, Vec<BranchName>> = HashMap::new();
        for (name, layer) in layers.iter().filter(|(name, _)| !merged.contains_key(*name)) {
            let parent = layer.parent.as_ref().unwrap_or(&trunk);
            children.entry(parent.clone()).or_default().push(name.clone());
        }
        let places = places(std::iter::once(&trunk).chain(&others), &layers, &children);
        for branches in children.values_mut() {
            let line = |branch: &BranchName| Some(layers_of(layers.get(branch)?) + places.get(branch)?.height);
            branches.sort_by_cached_key(|branch| (Reverse(line(branch)), branch.clone()));
        }
        let mut merged_at: HashMap<BranchName, HashMap<usize, BranchName>> = HashMap::new();
        for (name, (above, at)) in &merged {
            let below = merged_at.entry(above.clone()).or_default();
            below.entry(*at).or_insert_with(|| name.clone());
        }
        Self {
            trunk,
            others,
            layers,
            children,
            places,
            merged,
            merged_at,
        }
    }

    /// The branch that all stand on that stand on nothing else.
    pub(crate) fn trunk(&self) -> &BranchName {
        &self.trunk
    }

    /// Whether it is the trunk or one of the others.
    pub(crate) fn is_trunk(&self, branch: &BranchName) -> bool {
        *branch == self.trunk || self.others.contains(branch)
    }

    /// The trunk that the stack of `branch` stands on.
    pub(crate) fn trunk_of<'a>(&'a self, branch: &'a BranchName) -> &'a BranchName {
        let bottom = self.layer(self.bottom(branch));
        bottom.and_then(|layer| layer.parent.as_ref()).unwrap_or(&self.trunk)
    }

    /// The branches that stand on a trunk, those on the first one first.
    pub(crate) fn bottoms(&self) -> impl Iterator<Item = &BranchName> {
        let trunks = std::iter::once(&self.trunk).chain(&self.others);
        trunks.flat_map(|trunk| self.children(trunk))
    }

    /// What is known of a branch.
    pub(crate) fn layer(&self, branch: &BranchName) -> Option<&Layer> {
        self.layers.get(branch)
    }

    /// The branches that stand on `branch`, the one with the longest line first.
    pub(crate) fn children(&self, branch: &BranchName) -> &[BranchName] {
        self.children.get(branch).map_or(&[], Vec::as_slice)
    }

    /// How many branches there are from the bottom up to `branch`: 1 at the bottom, the trunk is not counted. Merged ones
    /// that have no branch any more are, as the forge counts them, and those that are not here, as far as a document tells.
    pub(crate) fn position(&self, branch: &BranchName) -> u64 {
        if let Some((above, at)) = self.merged.get(branch) {
            let merged = self.layer(above).map_or(0, |layer| layer.merged_below.len());
            return self.position(above).saturating_sub((merged - at) as u64);
        }
        self.places.get(branch).map_or(0, |place| place.position)
    }

    /// How many branches the longest line through `branch` has.
    pub(crate) fn total(&self, branch: &BranchName) -> u64 {
        if let Some((above, _)) = self.merged.get(branch) {
            return self.total(above);
        }
        let above = self.places.get(branch).map_or(0, |place| place.height);
        let told = self.layer(branch).and_then(|layer| layer.place);
        self.position(branch)
            .saturating_add(above)
            .max(told.map_or(0, |(_, total)| total))
    }

    /// How many branches below it, and above the parent that it has here, only its document tells of.
    pub(crate) fn missing_below(&self, branch: &BranchName) -> u64 {
        let Some((layer, (position, _))) = self.layer(branch).and_then(|layer| Some((layer, layer.place?))) else {
            return 0;
        };
        let below = layer.parent.as_ref().map_or(0, |parent| self.position(parent));
        position.saturating_sub(below.saturating_add(layers_of(layer)))
    }

    /// The pull requests that were merged below a branch and of which no branch is here, bottom first.
    pub(crate) fn merged_away<'a>(&'a self, branch: &'a BranchName) -> impl Iterator<Item = u64> {
        let away = self.merged_below(branch).filter(|(_, here)| here.is_none());
        away.map(|(merged, _)| merged.number)
    }

    /// What was merged below a branch, bottom first, each with the branch that it is where that is here still.
    pub(crate) fn merged_below<'a>(
        &'a self,
        branch: &'a BranchName,
    ) -> impl Iterator<Item = (&'a PullRequest, Option<&'a BranchName>)> {
        let merged = self.layer(branch).map_or(&[][..], |layer| &layer.merged_below);
        let here = self.merged_at.get(branch);
        let told = merged.iter().enumerate();
        told.map(move |(at, told)| (told, here.and_then(|here| here.get(&at))))
    }

    /// Whether a branch below is missing here: a clone may have got the upper ones only.
    pub(crate) fn is_cut(&self, branch: &BranchName) -> bool {
        self.place(branch).is_some_and(|place| place.is_cut)
    }

    /// The branch at the bottom of the stack that `branch` is in.
    pub(crate) fn bottom<'a>(&'a self, branch: &'a BranchName) -> &'a BranchName {
        self.place(branch).map_or(branch, |place| &place.bottom)
    }

    /// The branches of the stack that `branch` is in, in the order of its drawing: each after the one that it stands on.
    pub(crate) fn stack_of<'a>(&'a self, branch: &'a BranchName) -> Vec<&'a BranchName> {
        self.upwards(self.bottom(branch))
    }

    /// All branches, stack by stack, each after the one that it stands on.
    pub(crate) fn branches(&self) -> Vec<&BranchName> {
        self.bottoms().flat_map(|bottom| self.upwards(bottom)).collect()
    }

    fn upwards<'a>(&'a self, bottom: &'a BranchName) -> Vec<&'a BranchName> {
        let mut found = Vec::new();
        let mut waiting = vec![bottom];
        while let Some(branch) = waiting.pop() {
            found.extend(self.merged_below(branch).filter_map(|(_, name)| name));
            found.push(branch);
            // The longest line last, as it is drawn.
            if let Some((longest, sides)) = self.children(branch).split_first() {
                waiting.push(longest);
                waiting.extend(sides.iter().rev());
            }
        }
        found
    }

    /// Where a branch is, or the one that it is merged below.
    fn place(&self, branch: &BranchName) -> Option<&Place> {
        let above = self.merged.get(branch).map(|(above, _)| above);
        self.places.get(above.unwrap_or(branch))
    }
}

/// Puts a branch on the trunk whose parent is not there, and one of each circle, which is then a guess.
fn ground(trunk: &BranchName, others: &BTreeSet<BranchName>, layers: &mut BTreeMap<BranchName, Layer>) {
    let names: HashSet<BranchName> = layers.keys().cloned().collect();
    for layer in layers.values_mut() {
        let Some(parent) = layer.parent.take().filter(|parent| parent != trunk) else {
            continue;
        };
        if names.contains(&parent) || others.contains(&parent) {
            layer.parent = Some(parent);
        } else {
            layer.elsewhere = Some(parent);
        }
    }
    open_circles(layers);
}

/// Puts one branch of each circle on the trunk, which is then a guess: that with the last name, whichever of them others stand on.
pub(crate) fn open_circles(layers: &mut BTreeMap<BranchName, Layer>) {
    for circle in circles(layers) {
        if let Some(layer) = circle.iter().max().and_then(|branch| layers.get_mut(branch)) {
            layer.parent = None;
            layer.source = Source::Trunk;
            layer.guessed = true;
        }
    }
}

/// The branches that stand on themselves by way of others, circle by circle, each before the one that it stands on.
pub(crate) fn circles(layers: &BTreeMap<BranchName, Layer>) -> Vec<Vec<BranchName>> {
    let mut found = Vec::new();
    let mut seen: HashSet<&BranchName> = HashSet::new();
    for name in layers.keys() {
        let mut path: Vec<&BranchName> = Vec::new();
        // Where each branch of the path is in it.
        let mut places: HashMap<&BranchName, usize> = HashMap::new();
        let mut next = Some(name);
        while let Some((branch, layer)) = next.and_then(|branch| layers.get_key_value(branch)) {
            if let Some(start) = places.get(branch) {
                found.push(path[*start..].iter().map(|name| (*name).clone()).collect());
                break;
            }
            if !seen.insert(branch) {
                break;
            }
            places.insert(branch, path.len());
            path.push(branch);
            next = layer.parent.as_ref();
        }
    }
    found
}

/// Merged branches that another one has been told to be merged below it, and that nothing stands on.
fn merged(layers: &BTreeMap<BranchName, Layer>) -> BTreeMap<BranchName, (BranchName, usize)> {
    let mut over: Vec<(&BranchName, &Layer)> = layers
        .iter()
        .filter(|(_, layer)| !layer.merged_below.is_empty())
        .collect();
    if over.is_empty() {
        return BTreeMap::new();
    }
    // One that was merged itself may be told as merged below the same branch.
    over.sort_by_key(|(_, layer)| layer.merged);
    let parents: HashSet<&BranchName> = layers.values().filter_map(|layer| layer.parent.as_ref()).collect();
    let mut told: HashMap<(u64, Option<&BranchName>), (&BranchName, usize)> = HashMap::new();
    for (name, layer) in over {
        for (at, merged) in layer.merged_below.iter().enumerate() {
            told.entry((merged.number, layer.parent.as_ref())).or_insert((name, at));
        }
    }
    let here = layers
        .iter()
        .filter(|(name, layer)| layer.merged && !parents.contains(name));
    let found = here.filter_map(|(name, layer)| {
        let number = layer.pull_request?.number;
        let (above, at) = told.get(&(number, layer.parent.as_ref()))?;
        (*above != name).then(|| (name.clone(), ((*above).clone(), *at)))
    });
    let mut found: BTreeMap<BranchName, (BranchName, usize)> = found.collect();
    // What they are below is in the tree: two may be told to be below each other.
    let names: HashSet<BranchName> = found.keys().cloned().collect();
    found.retain(|_, (above, _)| !names.contains(above));
    found
}

/// A branch and what was merged below it and has no branch any more.
fn layers_of(layer: &Layer) -> u64 {
    1 + u64::try_from(layer.merged_below.len() + layer.ended_below.len()).unwrap_or(0)
}

fn places<'a>(
    trunks: impl Iterator<Item = &'a BranchName>,
    layers: &BTreeMap<BranchName, Layer>,
    children: &'a HashMap<BranchName, Vec<BranchName>>,
) -> HashMap<BranchName, Place> {
    let mut order: Vec<&BranchName> = trunks.collect();
    let mut at = 0;
    while let Some(branch) = order.get(at) {
        order.extend(children.get(*branch).into_iter().flatten());
        at += 1;
    }
    let mut places: HashMap<BranchName, Place> = HashMap::new();
    for branch in &order {
        let Some(layer) = layers.get(*branch) else { continue };
        let below = layer.parent.as_ref().and_then(|parent| places.get(parent));
        let position = match layer.place {
            Some((told, _)) => told,
            None => below.map_or(0, |below| below.position).saturating_add(layers_of(layer)),
        };
        let place = Place {
            position,
            height: 0,
            bottom: below.map_or(*branch, |below| &below.bottom).clone(),
            is_cut: below.is_some_and(|below| below.is_cut) || layer.parent_is_gone && layer.parent.is_none(),
        };
        places.insert((*branch).clone(), place);
    }
    for branch in order.into_iter().rev() {
        let above = children.get(branch).into_iter().flatten();
        let line = |child: &BranchName| Some(layers_of(layers.get(child)?) + places.get(child)?.height);
        let highest = above.filter_map(line).max();
        if let Some(place) = places.get_mut(branch) {
            place.height = highest.unwrap_or(0);
        }
    }
    places
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    pub(in crate::stack) fn name(name: &str) -> BranchName {
        BranchName::new(name).unwrap()
    }

    /// `a<b` means that b stands on a; a name alone stands on the trunk.
    pub(in crate::stack) fn layers(text: &str) -> BTreeMap<BranchName, Layer> {
        let layer = |parent: Option<&str>| Layer::told(parent.map(name));
        let words = text.split_whitespace().map(|word| match word.split_once('<') {
            Some((parent, branch)) => (name(branch), layer(Some(parent))),
            None => (name(word), layer(None)),
        });
        words.collect()
    }

    fn tree(text: &str) -> Tree {
        Tree::new(name("main"), BTreeSet::new(), layers(text))
    }

    #[test]
    fn places() {
        let tree = tree("a a<b b<c a<side other");
        let places = |branch: &str| (tree.position(&name(branch)), tree.total(&name(branch)));
        assert_eq!(places("a"), (1, 3));
        assert_eq!(places("b"), (2, 3));
        assert_eq!(places("c"), (3, 3));
        assert_eq!(places("side"), (2, 2));
        assert_eq!(places("other"), (1, 1));
        let stack = tree
            .stack_of(&name("side"))
            .into_iter()
            .map(BranchName::as_str)
            .collect::<Vec<_>>()
            .join(" ");
        assert_eq!(stack, "a side b c");
        assert_eq!(tree.branches().len(), 5);
        assert_eq!(tree.bottom(&name("c")), &name("a"));
        let mut merged = layers("a a<b");
        let pull_request = PullRequest {
            number: 46,
            state: None,
        };
        merged.get_mut(&name("a")).unwrap().merged_below = vec![pull_request];
        let tree = Tree::new(name("main"), BTreeSet::new(), merged);
        assert_eq!((tree.position(&name("b")), tree.total(&name("a"))), (3, 3));
        let mut told = layers("a a<b x<c c<d");
        told.get_mut(&name("b")).unwrap().merged_below = vec![pull_request];
        told.get_mut(&name("c")).unwrap().place = Some((4, 6));
        let tree = Tree::new(name("main"), BTreeSet::new(), told);
        let places = |branch: &str| (tree.position(&name(branch)), tree.total(&name(branch)));
        assert_eq!(["a", "b", "c", "d"].map(places), [(1, 3), (3, 3), (4, 6), (5, 5)]);
        assert_eq!((tree.missing_below(&name("c")), tree.missing_below(&name("d"))), (3, 0));
    }

    #[test]
    fn other_trunks() {
        // What was recorded of a trunk itself is nothing.
        let layers = layers("a a<b develop<c c<d main<develop d<main gone<e");
        let tree = Tree::new(name("main"), BTreeSet::from([name("develop"), name("qa")]), layers);
        let places = |text: &str| {
            let branch = name(text);
            let trunk = tree.trunk_of(&branch).as_str().to_owned();
            (trunk, tree.position(&branch), tree.total(&branch))
        };
        assert_eq!(places("b"), ("main".to_owned(), 2, 2));
        assert_eq!(places("c"), ("develop".to_owned(), 1, 2));
        assert_eq!(places("d"), ("develop".to_owned(), 2, 2));
        assert_eq!(places("e"), ("main".to_owned(), 1, 1));
        let names: Vec<&str> = tree.branches().into_iter().map(BranchName::as_str).collect();
        assert_eq!(names, ["a", "b", "e", "c", "d"]);
        assert!(tree.is_trunk(&name("qa")) && tree.layer(&name("develop")).is_none());
    }

    #[test]
    fn whatever_was_recorded_is_a_tree() {
        for text in ["a<a", "a<b b<a", "a<b b<c c<a c<d", "gone<a a<b", "main<a a<main", ""] {
            let tree = tree(text);
            for branch in tree.layers.keys() {
                assert!(tree.position(branch) <= tree.total(branch), "{text}");
                assert!(tree.stack_of(branch).contains(&branch), "{text}");
            }
            assert_eq!(tree.branches().len(), tree.layers.len(), "{text}");
        }
        assert!(tree("a<b b<a").layer(&name("b")).unwrap().guessed);
        // Each of two is told as merged below the other one.
        let mut both = layers("a b");
        for (branch, number, below) in [("a", 1, 2), ("b", 2, 1)] {
            let request = |number| PullRequest { number, state: None };
            let layer = both.get_mut(&name(branch)).unwrap();
            (layer.merged, layer.pull_request) = (true, Some(request(number)));
            layer.merged_below = vec![request(below)];
        }
        let tree = Tree::new(name("main"), BTreeSet::new(), both);
        assert_eq!((tree.branches().len(), tree.position(&name("a"))), (2, 2));
        let names = |text: &str| {
            let circles = circles(&layers(text));
            circles
                .into_iter()
                .map(|circle| circle.iter().map(BranchName::as_str).collect::<Vec<_>>().join(" "))
                .collect::<Vec<_>>()
        };
        assert_eq!(names("c<a a<b b<c c<d e<e d<x main<y y<z"), ["a c b", "e"]);
        let deep: Vec<String> = (1..10_000).map(|n| format!("b{}<b{n}", n - 1)).collect();
        let deep = self::tree(&deep.join(" "));
        for (at, branch) in deep.branches().into_iter().enumerate() {
            let place = (
                deep.position(branch),
                deep.total(branch),
                deep.trunk_of(branch).as_str(),
            );
            assert_eq!(place, (at as u64 + 1, 9999, "main"));
        }
    }
}
