//! A gate in every method of every class that the fixtures' jars hold, and every lambda redirected:
//! the classes link exactly when they did before, under the full verifier.

#![allow(clippy::unwrap_used, clippy::panic, clippy::print_stdout, reason = "these are tests")]

mod support;

use std::collections::BTreeMap;

use beehive_classfile::{ClassView, LeftAlone};
use beehive_rewriting::{Root, ServerRewriter};
use support::linking::{assert_still_links, link};
use support::{jars, jdks};

/// All methods of a class that can be roots, numbered.
fn every_method(class: &ClassView<'_>) -> Vec<(i32, Root)> {
    let methods = class
        .methods()
        .filter(|method| method.has_code() && !method.name().as_bytes().starts_with(b"<"));
    let root = |method: beehive_classfile::MethodView<'_, '_>| Root {
        class: class.name().to_string(),
        name: method.name().to_string(),
        descriptor: method.descriptor().to_string(),
    };
    (0..).zip(methods.map(root)).collect()
}

#[test]
fn a_gate_in_every_method_links() {
    let classes = jars::classes(&jars::paths());
    let (mut gates, mut lambdas) = (0, 0);
    let mut without: BTreeMap<LeftAlone, usize> = BTreeMap::new();
    let rewritten: Vec<(&str, Vec<u8>)> = classes
        .iter()
        .map(|(name, bytes)| {
            let roots = every_method(&ClassView::parse(bytes).unwrap());
            let mut rewriter = ServerRewriter::new(roots).unwrap();
            let new = rewriter.rewrite(bytes).unwrap().map(<[u8]>::to_vec);
            let tally = rewriter.tally();
            gates += tally.gates.len();
            lambdas += tally.lambda_bootstraps;
            for (_, reason) in tally.without_gate {
                *without.entry(reason).or_default() += 1;
            }
            (name.as_str(), new.unwrap_or_else(|| bytes.clone()))
        })
        .collect();
    println!("{gates} gates, {lambdas} lambda bootstraps, without gate: {without:?}");
    assert!(gates > 50_000 && lambdas > 1_000);
    assert!(without.values().sum::<usize>() * 1000 < gates, "{without:?}");
    for jdk in jdks::all() {
        let before = link(&jdk, classes.iter().map(|(name, bytes)| (name.as_str(), &bytes[..])));
        let after = link(&jdk, rewritten.iter().map(|(name, bytes)| (*name, &bytes[..])));
        println!("JDK {}: {} linked, {} before", jdk.feature, after.count, before.count);
        assert_still_links(&before, &after);
        assert!(after.count * 10 > classes.len() * 9);
    }
}
