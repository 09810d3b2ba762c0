//! Proxies that frameworks put around the user's classes: CGLIB, ByteBuddy, `java.lang.reflect.Proxy`,
//! Micronaut's and Quarkus' generated subclasses. Their methods are taken out of the call graph and
//! their calls joined to those of their callers, so that counts of the user's own methods stay exact.

use std::collections::BTreeMap;

use beehive_trace::{Class, ClassKind, Edge, OUTSIDE};

use crate::hierarchy::Hierarchy;
use crate::load::total;

/// Parts of class names by which build-time proxies, which are ordinary classes of the jar, are known.
const NAME_PARTS: &[&str] = &[
    "$$SpringCGLIB$$",
    "$$EnhancerBySpringCGLIB$$",
    "$$FastClassBySpringCGLIB$$",
    "$$EnhancerByCGLIB$$",
    "$HibernateProxy$",
    "$ByteBuddy$",
    "_$$_jvst",
    "$$_WeldProxy",
    "$$_WeldClientProxy",
    "$$_WeldSubclass",
];

/// Endings of the names of Micronaut's and Quarkus' build-time proxies.
const NAME_ENDINGS: &[&str] =
    &["$Definition$Intercepted", "$Intercepted", "_ClientProxy", "_Subclass", "_Bean"];

/// Whether a framework made the class as a stand-in for another.
pub(crate) fn is_proxy_class(class: &Class) -> bool {
    matches!(class.kind, ClassKind::JdkProxy | ClassKind::Subclass)
        || NAME_PARTS.iter().any(|part| class.name.contains(part))
        || NAME_ENDINGS.iter().any(|ending| class.name.ends_with(ending))
}

/// The method a proxy's method stands for: that of the superclass or interface it overrides.
/// CGLIB's `CGLIB$show$0` stands for `show`; constructors stand for themselves.
pub(crate) fn target(hierarchy: &Hierarchy<'_>, method: u32) -> Option<u32> {
    let row = hierarchy.trace().methods.get(method as usize)?;
    if row.name.starts_with('<') {
        return None;
    }
    let name = cglib_name(&row.name).unwrap_or(&row.name);
    let supertypes = hierarchy.supertypes(row.class).iter();
    supertypes
        .filter_map(|&class| hierarchy.counterpart(class, name, &row.descriptor))
        .find(|&found| hierarchy.is_user_method(found))
}

fn cglib_name(name: &str) -> Option<&str> {
    let (name, number) = name.strip_prefix("CGLIB$")?.rsplit_once('$')?;
    number.bytes().all(|b| b.is_ascii_digit()).then_some(name)
}

/// The trace's calls without proxies, sorted by (caller, callee); a pair may come twice.
pub(crate) fn without_proxies<'a>(
    hierarchy: &Hierarchy<'a>,
) -> impl Iterator<Item = Edge> + use<'a> {
    let trace = hierarchy.trace();
    let methods = 0..trace.methods.len() as u32;
    let is_proxy: Vec<bool> = methods.clone().map(|m| hierarchy.is_proxy_method(m)).collect();
    let proxies: Vec<u32> = methods.filter(|&m| is_proxy.get(m as usize) == Some(&true)).collect();
    let has_proxies = !proxies.is_empty();
    let touches_proxy = move |e: &Edge| {
        let is_proxy = |id: u32| is_proxy.get(id as usize) == Some(&true);
        has_proxies && (is_proxy(e.caller) || is_proxy(e.callee))
    };
    let mut splice = Splice::default();
    for edge in trace.edges.iter().filter(|e| touches_proxy(e)) {
        splice.add(edge.caller, edge.callee, edge.count);
    }
    for proxy in proxies {
        splice.take_out(proxy);
    }
    merged(trace.edges.iter().filter(move |e| !touches_proxy(e)).copied(), splice.edges())
}

/// Two lists of calls sorted by (caller, callee) as one, without sorting again.
fn merged(
    one: impl Iterator<Item = Edge>,
    other: impl Iterator<Item = Edge>,
) -> impl Iterator<Item = Edge> {
    let (mut one, mut other) = (one.peekable(), other.peekable());
    std::iter::from_fn(move || match (one.peek(), other.peek()) {
        (Some(a), Some(b)) if (b.caller, b.callee) < (a.caller, a.callee) => other.next(),
        (Some(_), _) => one.next(),
        (None, _) => other.next(),
    })
}

/// The neighbourhood of the proxies, from which they are taken out one by one.
#[derive(Debug, Default)]
struct Splice {
    callees: BTreeMap<u32, BTreeMap<u32, u64>>,
    callers: BTreeMap<u32, BTreeMap<u32, u64>>,
}

impl Splice {
    fn add(&mut self, caller: u32, callee: u32, count: u64) {
        let down = self.callees.entry(caller).or_default().entry(callee).or_default();
        *down = down.saturating_add(count);
        let up = self.callers.entry(callee).or_default().entry(caller).or_default();
        *up = up.saturating_add(count);
    }

    /// Joins the callers of `proxy` to its callees. Each callee keeps its number of calls; it is
    /// shared out among the callers in proportion to their calls of the proxy, exact for one caller.
    fn take_out(&mut self, proxy: u32) {
        let mut callers = self.callers.remove(&proxy).unwrap_or_default();
        let mut callees = self.callees.remove(&proxy).unwrap_or_default();
        callers.remove(&proxy);
        callees.remove(&proxy);
        for caller in callers.keys() {
            forget(&mut self.callees, *caller, proxy);
        }
        for callee in callees.keys() {
            forget(&mut self.callers, *callee, proxy);
        }
        if callers.is_empty() {
            callers.insert(OUTSIDE, 1);
        }
        for (callee, count) in callees {
            for (caller, share) in shares(count, &callers) {
                self.add(caller, callee, share);
            }
        }
    }

    fn edges(self) -> impl Iterator<Item = Edge> {
        self.callees.into_iter().flat_map(|(caller, callees)| {
            callees.into_iter().map(move |(callee, count)| Edge { caller, callee, count })
        })
    }
}

fn forget(side: &mut BTreeMap<u32, BTreeMap<u32, u64>>, node: u32, neighbour: u32) {
    if let Some(neighbours) = side.get_mut(&node) {
        neighbours.remove(&neighbour);
    }
}

/// `count` shared out in proportion to the callers' weights; the parts add up to `count` exactly.
fn shares(count: u64, callers: &BTreeMap<u32, u64>) -> Vec<(u32, u64)> {
    // Within 64 bits the products below fit into 128; real counts are far from that.
    let total = u128::from(total(callers.values().copied()).max(1));
    let (mut before, mut given) = (0u128, 0u64);
    let mut parts = Vec::with_capacity(callers.len());
    for (&caller, &weight) in callers {
        before = total.min(before + u128::from(weight));
        // Cumulative rounding: the last part always ends at `count`.
        let upto = (u128::from(count) * before / total) as u64;
        if upto > given {
            parts.push((caller, upto - given));
        }
        given = upto;
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::*;
    use beehive_trace::{Trace, parse_text};

    fn edges_of(trace: &Trace) -> Vec<(String, String, u64)> {
        let hierarchy = Hierarchy::new(trace, None);
        let name = |id: u32| trace.methods.get(id as usize).map_or("-".into(), |m| m.name.clone());
        without_proxies(&hierarchy).map(|e| (name(e.caller), name(e.callee), e.count)).collect()
    }

    #[test]
    fn cached_calls_through_a_proxy_keep_the_targets_own_count() {
        let trace = parse_text(
            r#"beetrace 1
            class c0 a.Shop {"origin":"user"}
            class c1 a.Shop$$SpringCGLIB$$0 {"origin":"user","kind":"subclass","super_name":"a.Shop"}
            class c2 a.Web {"origin":"user"}
            method m0 c0 price ()I {}
            method m1 c1 price ()I {}
            method m2 c1 CGLIB$price$0 ()I {}
            method m3 c2 get ()V {}
            method m4 c2 put ()V {}
            edge m3 m1 60
            edge m4 m1 40
            edge m1 m2 10
            edge m2 m0 10
            edge - m3 60
            edge - m4 40
            "#,
        )
        .unwrap();
        let hierarchy = Hierarchy::new(&trace, None);
        let id = |class: &str, name: &str| {
            let found = trace
                .methods
                .iter()
                .position(|m| m.name == name && trace.classes[m.class as usize].name == class);
            found.unwrap() as u32
        };
        let cglib = id("a.Shop$$SpringCGLIB$$0", "CGLIB$price$0");
        assert_eq!(target(&hierarchy, cglib), Some(id("a.Shop", "price")));
        let edges = edges_of(&trace);
        assert!(edges.contains(&("get".into(), "price".into(), 6)), "{edges:?}");
        assert!(edges.contains(&("put".into(), "price".into(), 4)), "{edges:?}");
        assert_eq!(edges.len(), 4);
    }

    #[test]
    fn shares_add_up() {
        let callers = BTreeMap::from([(1, 3), (2, 3), (3, 1)]);
        let parts = shares(10, &callers);
        assert_eq!(parts.iter().map(|p| p.1).sum::<u64>(), 10);
        assert_eq!(shares(u64::MAX, &callers).iter().map(|p| p.1).sum::<u64>(), u64::MAX);
    }
}
