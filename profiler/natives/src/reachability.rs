//! What a function does together with everything it calls, across libraries. Follows calls until they
//! leave the libraries given; there the table of known symbols answers. Keeps one path to each
//! effect as evidence.

use std::collections::{BTreeMap, BTreeSet};

use crate::body::{Body, Call, Callee, read_body};
use crate::effect::Effect;
use crate::jni;
use crate::known::KnownSymbols;
use crate::library::Library;

/// A function: library index and address.
type Function = (usize, u64);

/// What a function reaches.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Summary {
    /// Effects, each with the path of names that leads to it.
    pub effects: BTreeMap<Effect, Vec<String>>,
    /// Parameters (of the register class) whose pointee is touched here or below.
    pub derefs: BTreeSet<u8>,
}

impl Summary {
    fn add(&mut self, effect: Effect, path: Vec<String>) {
        let known = self.effects.entry(effect).or_insert_with(|| path.clone());
        if (path.len(), &path) < (known.len(), known) {
            *known = path;
        }
    }
}

/// Libraries that are followed into each other.
pub struct Libraries {
    all: Vec<Library>,
    exports: BTreeMap<String, Function>,
    bodies: BTreeMap<Function, Body>,
    summaries: BTreeMap<(Function, BTreeSet<u8>), Summary>,
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
        Self { all: libraries, exports, bodies: BTreeMap::new(), summaries: BTreeMap::new() }
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
        let environment = BTreeSet::from([0]);
        self.summary((index, address), &environment, &mut BTreeSet::new())
    }

    fn summary(
        &mut self,
        function: Function,
        environments: &BTreeSet<u8>,
        open: &mut BTreeSet<(Function, BTreeSet<u8>)>,
    ) -> Summary {
        let key = (function, environments.clone());
        if let Some(known) = self.summaries.get(&key) {
            return known.clone();
        }
        if !open.insert(key.clone()) {
            return Summary::default();
        }
        let mut summary = Summary::default();
        let name = self.name(function);
        let Some(library) = self.all.get(function.0) else { return summary };
        let body = self.bodies.entry(function).or_insert_with(|| read_body(library, function.1));
        let body = body.clone();
        own_effects(&body, environments, &name, &mut summary);
        for call in &body.calls {
            let below = self.summary_of_call(function.0, call, environments, open);
            for (effect, path) in below.effects {
                summary.add(effect, std::iter::once(name.clone()).chain(path).collect());
            }
            summary.derefs.extend(below.derefs);
        }
        open.remove(&key);
        // A summary made inside a recursion may lack what the open callers reach: kept only outside.
        if open.is_empty() {
            self.summaries.insert(key, summary.clone());
        }
        summary
    }

    /// Summary of a call in the caller's terms.
    fn summary_of_call(
        &mut self,
        library: usize,
        call: &Call,
        environments: &BTreeSet<u8>,
        open: &mut BTreeSet<(Function, BTreeSet<u8>)>,
    ) -> Summary {
        let target = match &call.callee {
            Callee::Local(address) => (library, *address),
            Callee::Import(symbol) => match (known(symbol), self.export(symbol)) {
                (Some(effect), _) => return known_call(symbol, effect, call),
                (None, Some(target)) => target,
                (None, None) => {
                    return Summary::of(Effect::Unknown, format!("{symbol} (not known)"));
                }
            },
        };
        let named = self.all.get(target.0).and_then(|l| l.name_of(target.1));
        if let Some((symbol, effect)) = named.and_then(|symbol| Some((symbol, known(symbol)?))) {
            return known_call(symbol, effect, call);
        }
        let mut handed = (0..6).zip(call.passes);
        let environments = handed
            .by_ref()
            .filter(|(_, mine)| mine.is_some_and(|mine| environments.contains(&mine)))
            .map(|(theirs, _)| theirs)
            .collect();
        let below = self.summary(target, &environments, open);
        let mine = |theirs: &u8| {
            let at = usize::from(*theirs);
            let pass = call.passes.get(at).copied().flatten();
            pass.or_else(|| call.derives.get(at).copied().flatten())
        };
        Summary { derefs: below.derefs.iter().filter_map(mine).collect(), effects: below.effects }
    }

    fn name(&self, (library, address): Function) -> String {
        let Some(library) = self.all.get(library) else { return String::new() };
        match library.name_of(address) {
            Some(name) => name.to_owned(),
            None => format!("{}+{address:#x}", library.name),
        }
    }
}

impl Summary {
    fn of(effect: Effect, place: String) -> Self {
        Self { effects: BTreeMap::from([(effect, vec![place])]), derefs: BTreeSet::new() }
    }
}

fn known(symbol: &str) -> Option<Effect> {
    KnownSymbols::get().effect_of(symbol)
}

fn known_call(symbol: &str, effect: Effect, call: &Call) -> Summary {
    let mut summary = Summary::of(effect, symbol.to_owned());
    if effect == Effect::Copy {
        summary.derefs.extend(call.passes.iter().chain(&call.derives).flatten());
    }
    summary
}

/// What the function does by itself.
fn own_effects(body: &Body, environments: &BTreeSet<u8>, name: &str, summary: &mut Summary) {
    summary.add(Effect::None, vec![name.to_owned()]);
    for (parameter, offset) in &body.table_calls {
        let effect = jni::effect_of(*offset).filter(|_| environments.contains(parameter));
        let what = if effect.is_some() { "JNI function" } else { "table call" };
        let place = format!("{what} {}", offset / 8);
        summary.add(effect.unwrap_or(Effect::Unknown), vec![name.to_owned(), place]);
    }
    if let Some(at) = body.unresolved.first() {
        let place = format!("unresolved indirect call at {at:#x}");
        summary.add(Effect::Unknown, vec![name.to_owned(), place]);
    }
    if body.has_syscall {
        summary.add(Effect::Unknown, vec![name.to_owned(), "system call".to_owned()]);
    }
    for symbol in &body.imports {
        // Data of a C++ library and the like has no row and does nothing by itself.
        if let Some(effect) = known(symbol) {
            summary.add(effect, vec![name.to_owned(), symbol.clone()]);
        }
    }
    if let Some(at) = body.writes.first() {
        summary.add(Effect::State, vec![name.to_owned(), format!("writes variable {at:#x}")]);
    }
    let own = body.derefs.iter().filter(|parameter| !environments.contains(parameter));
    summary.derefs.extend(own);
}
