//! What functions of other libraries do: `data/symbols.txt`, read once. A symbol without a row is not
//! known, and that is what it is called.

use std::collections::BTreeMap;
use std::sync::OnceLock;

use crate::effect::Effect;

const SYMBOLS: &str = include_str!("../data/symbols.txt");

/// The table of known symbols.
#[derive(Debug, Default)]
pub struct KnownSymbols {
    exact: BTreeMap<&'static str, Effect>,
    prefixes: BTreeMap<&'static str, Effect>,
}

impl KnownSymbols {
    /// The table.
    pub fn get() -> &'static Self {
        static TABLE: OnceLock<KnownSymbols> = OnceLock::new();
        TABLE.get_or_init(|| Self::parse(SYMBOLS))
    }

    fn parse(text: &'static str) -> Self {
        let mut table = Self::default();
        for line in text.lines().filter(|line| !line.starts_with('#')) {
            let mut words = line.split_whitespace();
            let Some(effect) = words.next().and_then(effect_named) else { continue };
            for name in words {
                match name.strip_suffix('*') {
                    Some(prefix) => table.prefixes.insert(prefix, effect),
                    None => table.exact.insert(name, effect),
                };
            }
        }
        table
    }

    /// Effect of the function `symbol`, its version (`@GLIBC_…`) left out.
    pub fn effect_of(&self, symbol: &str) -> Option<Effect> {
        let name = symbol.split('@').next().unwrap_or(symbol);
        self.exact.get(name).copied().or_else(|| {
            let mut longest = (1..=name.len()).rev().filter_map(|end| name.get(..end));
            longest.find_map(|prefix| self.prefixes.get(prefix)).copied()
        })
    }
}

fn effect_named(word: &str) -> Option<Effect> {
    Some(match word {
        "none" => Effect::None,
        "copy" => Effect::Copy,
        "allocate" => Effect::Allocate,
        "clock" => Effect::Clock,
        "heap" => Effect::Heap,
        "java" => Effect::Java,
        "state" => Effect::State,
        "network" => Effect::Network,
        "file" => Effect::File,
        "process" => Effect::Process,
        "thread" => Effect::Thread,
        "memory" => Effect::Memory,
        "loader" => Effect::Loader,
        "system" => Effect::System,
        "vm" => Effect::Vm,
        "descriptor" => Effect::Descriptor,
        "unknown" => Effect::Unknown,
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_line_has_an_effect_and_no_name_has_two() {
        let mut seen = BTreeMap::new();
        for line in SYMBOLS.lines().filter(|line| !line.starts_with('#') && !line.is_empty()) {
            let mut words = line.split_whitespace();
            let effect = effect_named(words.next().unwrap()).expect(line);
            for name in words {
                let earlier = seen.insert(name, effect);
                assert!(earlier.is_none(), "{name} stands twice");
            }
        }
        assert!(seen.len() > 500, "{}", seen.len());
    }

    #[test]
    fn the_longest_match_wins() {
        let effect = |name| KnownSymbols::get().effect_of(name);
        assert_eq!(effect("memcpy@GLIBC_2.14"), Some(Effect::Copy));
        assert_eq!(effect("JVM_GetClassSigners"), Some(Effect::State));
        assert_eq!(effect("JVM_GetClassAccessFlags"), Some(Effect::Heap));
        assert_eq!(effect("JVM_RegisterUnsafeMethods"), None);
        assert_eq!(effect("sqlite3_open"), None);
    }
}
