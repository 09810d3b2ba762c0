//! Turns a class file into its row of the trace.

use beehive_classfile::{ClassView, MethodView, Mutf8};
use beehive_trace::{Class, ClassKind, Method, Origin, SplitRule};

use crate::class_kind::class_kind;

/// `com/acme/Shop` as `com.acme.Shop`.
pub(crate) fn dotted(internal: &str) -> String {
    internal.replace('/', ".")
}

/// `Lcom/acme/Shop;` as `com.acme.Shop`; arrays and primitives as they are.
pub(crate) fn dotted_signature(signature: &str) -> String {
    let inside = signature.strip_prefix('L').and_then(|s| s.strip_suffix(';'));
    dotted(inside.unwrap_or(signature))
}

/// The row of a class. Annotations are recorded for user classes only.
pub(crate) fn class_row(view: &ClassView<'_>, source: &str, rule: &SplitRule) -> Class {
    let name = dotted(&view.name().to_str());
    let super_name = view.super_name().map(Mutf8::to_str).unwrap_or_default();
    let kind = class_kind(&name, &super_name, !source.is_empty());
    let origin = origin(rule, &name, source, kind);
    let annotations = match origin {
        Origin::User => sorted(view.annotations()),
        _ => Vec::new(),
    };
    Class {
        source: source.to_owned(),
        origin,
        kind,
        super_name: dotted(&super_name),
        interfaces: view.interfaces().map(|name| dotted(&name.to_str())).collect(),
        annotations,
        name,
    }
}

/// Origin by the rule; a proxy is never the JDK's, although its package may say so.
pub(crate) fn origin(rule: &SplitRule, name: &str, source: &str, kind: ClassKind) -> Origin {
    match rule.origin(name, source) {
        Origin::Jdk if kind == ClassKind::JdkProxy => Origin::Framework,
        origin => origin,
    }
}

/// The row of a method of class `class`.
pub(crate) fn method_row(method: MethodView<'_, '_>, class: u32) -> Method {
    Method {
        class,
        name: method.name().to_str().into_owned(),
        descriptor: method.descriptor().to_str().into_owned(),
        access: method.access(),
        annotations: sorted(method.annotations()),
    }
}

/// Annotation types as sorted dotted names.
fn sorted<'a>(annotations: impl Iterator<Item = Mutf8<'a>>) -> Vec<String> {
    let mut names: Vec<String> =
        annotations.map(|descriptor| dotted_signature(&descriptor.to_str())).collect();
    names.sort();
    names.dedup();
    names
}
