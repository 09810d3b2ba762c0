//! What a deep run samples, as a light run before it tells: the methods that had a clock become the
//! roots, and of the classes outside the JDK those that were loaded then get probes.

use beehive_trace::{DeepConfig, RunMode, Trace};

/// The settings of a deep run that a light trace gives; `None` if no timed method was invoked in it, or
/// if it is of a deep run itself.
pub fn deep_from(light: &Trace) -> Option<DeepConfig> {
    if light.runs.iter().any(|run| run.mode == RunMode::Deep) {
        return None;
    }
    let timed = light.roots.iter().filter(|root| root.latency.count() > 0);
    let roots: Vec<String> = timed.map(|root| light.method_label(root.method)).collect();
    let classes = light.classes.iter().map(|class| class.name.clone()).collect();
    (!roots.is_empty()).then(|| DeepConfig { roots, classes, ..DeepConfig::default() })
}

#[cfg(test)]
mod tests {
    use super::*;
    use beehive_trace::parse_text;

    const CLASSES: &str = "beetrace 1\nclass c0 a.Shop {\"origin\":\"user\"}\nclass c1 b.Lib {}\n\
                           method m0 c0 buy (I)V {}\nmethod m1 c0 idle ()V {}\n";

    #[test]
    fn invoked_timed_methods_become_roots_and_loaded_classes_get_probes() {
        let text =
            format!("{CLASSES}root m0 {{\"latency\":{{\"buckets\":{{\"9\":1}}}}}}\nroot m1 {{}}\n");
        let deep = deep_from(&parse_text(&text).unwrap()).unwrap();
        assert_eq!(deep.roots, ["a.Shop#buy(I)V"]);
        assert_eq!(deep.classes, ["a.Shop", "b.Lib"]);
    }

    #[test]
    fn a_trace_without_roots_or_of_a_deep_run_gives_nothing() {
        assert_eq!(deep_from(&parse_text(CLASSES).unwrap()), None);
        let root = "root m0 {\"latency\":{\"buckets\":{\"9\":1}}}\n";
        let deep = format!("{CLASSES}run {{\"id\":\"1\",\"mode\":\"deep\"}}\n{root}");
        assert_eq!(deep_from(&parse_text(&deep).unwrap()), None);
    }
}
