//! What a function does together with everything it calls, across libraries. Follows calls until they
//! leave the libraries given; there the table of known symbols answers. Effects are spread from callees
//! to callers until nothing changes, so that recursion costs nothing; the shortest path to an effect is
//! its evidence.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use crate::body::{Body, Call, Callee, Origin, read_body};
use crate::effect::Effect;
use crate::jni;
use crate::known::KnownSymbols;
use crate::library::Library;

/// A function: library index and address.
type Function = (usize, u64);
/// A function with the numbers of those of its parameters that are a `JNIEnv*`.
type Key = (Function, BTreeSet<u8>);

/// Evidence of a native pointer that a Java object holds.
const HANDLE: &str = "follows a pointer out of a Java long";

/// What a function reaches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Effects, each with the path of names that leads to it.
    pub effects: BTreeMap<Effect, Vec<String>>,
    /// Parameters (of the register class) whose pointee is touched here or below.
    pub derefs: BTreeSet<u8>,
}

/// Libraries that are followed into each other, and what was found in them so far.
pub struct Libraries {
    all: Vec<Library>,
    exports: BTreeMap<String, Function>,
    nodes: Vec<Node>,
    by_key: BTreeMap<Key, usize>,
}

/// A function seen with some of its parameters known to be a `JNIEnv*`.
struct Node {
    key: Key,
    name: String,
    /// Effects of its own, with the place.
    own: BTreeMap<Effect, String>,
    calls: Vec<Edge>,
    callers: BTreeSet<usize>,
    /// Effects of its own and of all below.
    reached: BTreeSet<Effect>,
    derefs: BTreeSet<u8>,
    /// Pointers followed here.
    follows: BTreeSet<Memory>,
    /// What it may return.
    returns: BTreeSet<Memory>,
    /// Whether what it returns may be native memory that a Java long points to.
    returns_handle: bool,
}

/// What may have made a pointer: a long of a Java object, or the node whose result it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Memory {
    Handle,
    ResultOf(usize),
}

/// A call of another node; for each of the callee's parameters the caller's behind it.
struct Edge {
    callee: usize,
    parameters: [Option<u8>; 6],
    origins: [Option<Memory>; 6],
}

/// What was found on the way from a function's body to its node.
#[derive(Default)]
struct Linked<'b> {
    own: BTreeMap<Effect, String>,
    derefs: BTreeSet<u8>,
    callees: Vec<(usize, &'b Call)>,
    leaves: Vec<(Target, &'b Call)>,
}

impl Linked<'_> {
    fn fill(mut self, node: &mut Node, body: &Body, followed: &BTreeMap<u64, usize>) {
        let memory = |origin: Origin| match origin {
            Origin::Handle => Some(Memory::Handle),
            Origin::Result(address) => followed.get(&address).map(|&node| Memory::ResultOf(node)),
        };
        node.follows = body.follows.iter().filter_map(|origin| memory(*origin)).collect();
        node.returns = body.returns.iter().filter_map(|origin| memory(*origin)).collect();
        for (target, call) in self.leaves {
            let (symbol, effect) = match target {
                Target::Known { symbol, effect } => (symbol, effect),
                Target::Unknown { symbol } => (format!("{symbol} (not known)"), Effect::Unknown),
                Target::Followed(_) => continue,
            };
            if effect == Effect::Copy {
                self.derefs.extend(call.passes.iter().chain(&call.derives).flatten());
                node.follows.extend(call.origins.iter().filter_map(|o| memory((*o)?)));
            }
            self.own.entry(effect).or_insert(symbol);
        }
        let edges = self.callees.into_iter().map(|(callee, call)| Edge {
            callee,
            parameters: std::array::from_fn(|at| {
                let pass = call.passes.get(at).copied().flatten();
                pass.or_else(|| call.derives.get(at).copied().flatten())
            }),
            origins: call.origins.map(|origin| origin.and_then(memory)),
        });
        node.calls = edges.collect();
        node.reached = self.own.keys().copied().collect();
        (node.own, node.derefs) = (self.own, self.derefs);
    }
}

/// Where a call leads.
enum Target {
    Followed(Function),
    Known { symbol: String, effect: Effect },
    Unknown { symbol: String },
}

impl Libraries {
    /// A set of libraries; of two exports of one name the first library's is used.
    pub fn of(libraries: Vec<Library>) -> Self {
        let mut exports = BTreeMap::new();
        for (index, library) in libraries.iter().enumerate() {
            for (name, &address) in &library.exports {
                exports.entry(name.clone()).or_insert((index, address));
            }
        }
        Self { all: libraries, exports, nodes: Vec::new(), by_key: BTreeMap::new() }
    }

    /// The libraries.
    pub fn all(&self) -> &[Library] {
        &self.all
    }

    /// The function exported as `symbol`, if one of the libraries exports it.
    pub fn export(&self, symbol: &str) -> Option<(usize, u64)> {
        self.exports.get(symbol).copied()
    }

    /// Summary of the native method at `address` of library `index`: its first parameter is the
    /// `JNIEnv*`.
    pub fn summary_of_native(&mut self, index: usize, address: u64) -> Summary {
        let root = self.discover(((index, address), BTreeSet::from([0])));
        let Some(node) = self.nodes.get(root) else { return Summary::default() };
        let derefs = node.derefs.clone();
        let effects = node.reached.iter().map(|&effect| (effect, self.path(root, effect)));
        Summary { effects: effects.collect(), derefs }
    }

    /// The node for `key`, with everything below it read and all effects spread.
    fn discover(&mut self, key: Key) -> usize {
        let first_new = self.nodes.len();
        let root = self.node(key);
        let mut at = first_new;
        while at < self.nodes.len() {
            self.link(at);
            at += 1;
        }
        self.spread(first_new);
        root
    }

    fn node(&mut self, key: Key) -> usize {
        if let Some(&known) = self.by_key.get(&key) {
            return known;
        }
        let index = self.nodes.len();
        self.nodes.push(Node {
            name: self.name(key.0),
            key: key.clone(),
            own: BTreeMap::new(),
            calls: Vec::new(),
            callers: BTreeSet::new(),
            reached: BTreeSet::new(),
            derefs: BTreeSet::new(),
            follows: BTreeSet::new(),
            returns: BTreeSet::new(),
            returns_handle: false,
        });
        self.by_key.insert(key, index);
        index
    }

    /// Reads the function of a node and makes the nodes it calls.
    fn link(&mut self, index: usize) {
        let Some(((library, address), environments)) = self.nodes.get(index).map(|n| n.key.clone())
        else {
            return;
        };
        let Some(body) = self.all.get(library).map(|library| read_body(library, address)) else {
            return;
        };
        let mut linked = Linked {
            own: own_effects(&body, &environments),
            derefs: body.derefs.difference(&environments).copied().collect(),
            ..Linked::default()
        };
        // A function whose result is followed stands for all calls of it, whatever they hand on.
        let mut followed: BTreeMap<u64, usize> = BTreeMap::new();
        for call in &body.calls {
            let target = self.target(library, call);
            if let Target::Followed(function) = target {
                let callee = self.node((function, handed_on(call, &environments)));
                linked.callees.push((callee, call));
                if let Callee::Local(address) = call.callee {
                    followed.insert(address, callee);
                }
            } else {
                linked.leaves.push((target, call));
            }
        }
        for (callee, _) in &linked.callees {
            if let Some(node) = self.nodes.get_mut(*callee) {
                node.callers.insert(index);
            }
        }
        if let Some(node) = self.nodes.get_mut(index) {
            linked.fill(node, &body, &followed);
        }
    }

    fn target(&self, library: usize, call: &Call) -> Target {
        let function = match &call.callee {
            Callee::Local(address) => (library, *address),
            Callee::Import(symbol) => match (known(symbol), self.export(symbol)) {
                (Some(effect), _) => return Target::Known { symbol: symbol.clone(), effect },
                (None, Some(function)) => function,
                (None, None) => return Target::Unknown { symbol: symbol.clone() },
            },
        };
        let name = self.all.get(function.0).and_then(|library| library.name_of(function.1));
        match name.and_then(|name| Some((name.to_owned(), known(name)?))) {
            Some((symbol, effect)) => Target::Known { symbol, effect },
            None => Target::Followed(function),
        }
    }

    /// Spreads effects and touched parameters from callees to callers, beginning with the nodes
    /// from `first` on.
    fn spread(&mut self, first: usize) {
        let mut pending: BTreeSet<usize> = (first..self.nodes.len()).collect();
        while let Some(index) = pending.pop_last() {
            let Some(node) = self.nodes.get(index) else { continue };
            let (mut reached, mut derefs) = (node.reached.clone(), node.derefs.clone());
            for edge in &node.calls {
                let Some(callee) = self.nodes.get(edge.callee) else { continue };
                reached.extend(&callee.reached);
                let mine =
                    |theirs: &u8| edge.parameters.get(usize::from(*theirs)).copied().flatten();
                derefs.extend(callee.derefs.iter().filter_map(mine));
            }
            let uses_handle = self.uses_handle(node);
            if uses_handle {
                reached.insert(Effect::State);
            }
            let returns_handle = node.returns.iter().any(|memory| self.is_handle(*memory));
            let is_grown = reached.len() > node.reached.len()
                || derefs.len() > node.derefs.len()
                || returns_handle != node.returns_handle;
            let Some(node) = self.nodes.get_mut(index) else { continue };
            if uses_handle {
                node.own.entry(Effect::State).or_insert_with(|| HANDLE.to_owned());
            }
            if is_grown {
                (node.reached, node.derefs, node.returns_handle) =
                    (reached, derefs, returns_handle);
                pending.extend(&node.callers);
            }
        }
    }

    /// Whether the function follows a native pointer that a Java object holds, or has a callee do so.
    fn uses_handle(&self, node: &Node) -> bool {
        let handed = |edge: &Edge| {
            let Some(callee) = self.nodes.get(edge.callee) else { return false };
            callee.derefs.iter().any(|parameter| {
                let origin = edge.origins.get(usize::from(*parameter)).copied().flatten();
                origin.is_some_and(|memory| self.is_handle(memory))
            })
        };
        node.follows.iter().any(|memory| self.is_handle(*memory)) || node.calls.iter().any(handed)
    }

    fn is_handle(&self, memory: Memory) -> bool {
        match memory {
            Memory::Handle => true,
            Memory::ResultOf(node) => self.nodes.get(node).is_some_and(|node| node.returns_handle),
        }
    }

    /// Names on the shortest way from `root` to a function that has `effect` itself, and the place.
    fn path(&self, root: usize, effect: Effect) -> Vec<String> {
        let mut came_from: BTreeMap<usize, Option<usize>> = BTreeMap::from([(root, None)]);
        let mut pending = VecDeque::from([root]);
        while let Some(index) = pending.pop_front() {
            let Some(node) = self.nodes.get(index) else { continue };
            if let Some(place) = node.own.get(&effect) {
                return self
                    .names_to(index, &came_from)
                    .into_iter()
                    .chain([place.clone()])
                    .collect();
            }
            for edge in &node.calls {
                came_from.entry(edge.callee).or_insert_with(|| {
                    pending.push_back(edge.callee);
                    Some(index)
                });
            }
        }
        Vec::new()
    }

    fn names_to(&self, index: usize, came_from: &BTreeMap<usize, Option<usize>>) -> Vec<String> {
        let mut names = Vec::new();
        let mut at = Some(index);
        while let Some(index) = at {
            names.extend(self.nodes.get(index).map(|node| node.name.clone()));
            at = came_from.get(&index).copied().flatten();
        }
        names.reverse();
        names
    }

    fn name(&self, (library, address): Function) -> String {
        let Some(library) = self.all.get(library) else { return String::new() };
        match library.name_of(address) {
            Some(name) => name.to_owned(),
            None => format!("{}+{address:#x}", library.name),
        }
    }
}

fn known(symbol: &str) -> Option<Effect> {
    KnownSymbols::get().effect_of(symbol)
}

/// Which of the callee's parameters are a `JNIEnv*`.
fn handed_on(call: &Call, environments: &BTreeSet<u8>) -> BTreeSet<u8> {
    let pairs = (0..).zip(call.passes);
    pairs
        .filter(|(_, mine)| mine.is_some_and(|m| environments.contains(&m)))
        .map(|(n, _)| n)
        .collect()
}

/// What the function does by itself, and where.
fn own_effects(body: &Body, environments: &BTreeSet<u8>) -> BTreeMap<Effect, String> {
    let mut own = BTreeMap::from([(Effect::None, "its own code".to_owned())]);
    for (parameter, offset) in &body.table_calls {
        let effect = jni::effect_of(*offset).filter(|_| environments.contains(parameter));
        let what = if effect.is_some() { "JNI function" } else { "table call" };
        let effect = effect.unwrap_or(Effect::Unknown);
        own.entry(effect).or_insert_with(|| format!("{what} {}", offset / 8));
    }
    if let Some(at) = body.unresolved.first() {
        own.entry(Effect::Unknown)
            .or_insert_with(|| format!("unresolved indirect call at {at:#x}"));
    }
    if body.has_syscall {
        own.entry(Effect::Unknown).or_insert_with(|| "system call".to_owned());
    }
    // Data of a C++ library and the like has no row and does nothing by itself.
    for (symbol, effect) in body.imports.iter().filter_map(|s| Some((s, known(s)?))) {
        own.entry(effect).or_insert_with(|| symbol.clone());
    }
    if let Some(at) = body.writes.first() {
        own.entry(Effect::State).or_insert_with(|| format!("writes variable {at:#x}"));
    }
    own
}
