//! What `ClassView` tells of classes whose source is known: the seeds of the fuzz target,
//! compiled from `fuzz/Seeds.java` and `tests/java/Truth.java`.

#![allow(clippy::unwrap_used, clippy::indexing_slicing, reason = "these are tests")]

use std::collections::BTreeSet;

use beehive_classfile::opcode::{INVOKEDYNAMIC, NEW};
use beehive_classfile::{ACC_STATIC, ClassView, Kind, MethodView, Mutf8, return_kind};

const SEEDS: &[u8] = include_bytes!("../fuzz/corpus/rewrite/seeds");
const RECORD: &[u8] = include_bytes!("../fuzz/corpus/rewrite/record");
const TRUTH: &[u8] = include_bytes!("../fuzz/corpus/rewrite/java8");

fn texts<'a>(names: impl Iterator<Item = Mutf8<'a>>) -> Vec<String> {
    names.map(|name| name.to_string()).collect()
}

fn method<'v, 'a>(view: &'v ClassView<'a>, name: &str) -> MethodView<'v, 'a> {
    view.methods().find(|method| method.name() == name).unwrap()
}

#[test]
fn a_class_tells_its_header_and_annotations() {
    let view = ClassView::parse(SEEDS).unwrap();
    assert_eq!((view.major(), view.is_interface()), (61, false));
    assert_eq!(view.name(), "Seeds");
    assert_eq!(view.super_name().unwrap(), "java/lang/Object");
    assert_eq!(view.source_file().unwrap(), "Seeds.java");
    assert_eq!(texts(view.annotations()), ["LSeeds$Note;"]);
    let annotation = ClassView::parse(include_bytes!("../fuzz/corpus/rewrite/annotation")).unwrap();
    assert!(annotation.is_interface());
    assert_eq!(texts(annotation.interfaces()), ["java/lang/annotation/Annotation"]);
    assert_eq!(texts(annotation.annotations()), ["Ljava/lang/annotation/Retention;"]);
}

#[test]
fn methods_tell_access_code_annotations_and_parameters() {
    let view = ClassView::parse(SEEDS).unwrap();
    let all = method(&view, "all");
    assert_eq!(all.descriptor(), "(Ljava/lang/Object;I)J");
    assert_eq!(all.access() & ACC_STATIC, ACC_STATIC);
    assert_eq!(texts(all.annotations()), ["LSeeds$Note;"]);
    assert_eq!(return_kind(all.descriptor()), Some(Kind::Long));
    assert!(all.has_code() && all.code_length().unwrap() > 100);
    let slots: Vec<_> = all.parameters().map(|parameter| parameter.slot).collect();
    assert_eq!(slots, [0, 1]);
    let made = all.instructions().filter(|at| at.opcode() == NEW);
    let made = texts(made.filter_map(|at| at.class_name()));
    assert_eq!(made, ["java/util/ArrayList", "Seeds$Point"]);
    let site = all.instructions().find(|at| at.opcode() == INVOKEDYNAMIC).unwrap();
    assert_eq!(site.dynamic().unwrap().name, "get");
    let annotation = ClassView::parse(include_bytes!("../fuzz/corpus/rewrite/annotation")).unwrap();
    let value = method(&annotation, "value");
    assert!(!value.has_code() && !value.is_leaf() && value.instructions().next().is_none());
}

#[test]
fn fields_and_records_are_listed() {
    let view = ClassView::parse(RECORD).unwrap();
    let fields: Vec<_> =
        view.fields().map(|field| (field.name().to_string(), field.descriptor())).collect();
    assert_eq!(fields[0].0, "x");
    assert!(fields[0].1 == "I" && fields[1].0 == "y" && fields[1].1 == "D");
    assert_eq!(fields.len(), 2);
}

#[test]
fn leaves_are_methods_in_which_nothing_else_can_run() {
    let record = ClassView::parse(RECORD).unwrap();
    let truth = ClassView::parse(TRUTH).unwrap();
    let leaf = |view, name| method(view, name).is_leaf();
    assert!(leaf(&record, "x") && leaf(&record, "y"));
    assert!(leaf(&truth, "next"));
    // A call, a creation, a monitor.
    assert!(!leaf(&record, "toString") && !leaf(&truth, "touch"));
    assert!(!leaf(&truth, "main") && !leaf(&truth, "locked"));
}

#[test]
fn referenced_classes_come_from_constants_and_descriptors() {
    let view = ClassView::parse(SEEDS).unwrap();
    let found: BTreeSet<_> = texts(view.referenced_classes()).into_iter().collect();
    let expected = [
        "Seeds",
        "Seeds$Child",
        "Seeds$Point",
        "java/lang/AutoCloseable",
        "java/lang/IllegalStateException",
        "java/lang/invoke/MethodHandles$Lookup",
        "java/util/ArrayList",
        "java/util/List",
        "java/util/function/Supplier",
    ];
    for name in expected {
        assert!(found.contains(name), "{name} in {found:?}");
    }
    assert!(found.iter().all(|name| !name.contains(['[', ';', '('])), "{found:?}");
}
