//! Reads and rewrites bytes in every way the crate has. Whatever they are, nothing may panic,
//! and a rewritten class must be readable. Used by tests and by the fuzz target.

use beehive_classfile::{ClassView, MethodView, Rewriter, Rewritten, return_kind};

use super::every_probe::{BesideProbe, EveryProbe, LightProbe, NoProbe};

/// Does everything there is to do with `bytes`.
pub fn exercise(bytes: &[u8]) {
    let Ok(view) = ClassView::parse(bytes) else {
        let error = Rewriter::new().rewrite(bytes, &mut NoProbe).map(|_| ());
        assert!(error.is_err(), "the rewriter reads what the view refuses");
        return;
    };
    look_at(&view);
    let mut rewriter = Rewriter::new();
    assert!(rewriter.rewrite(bytes, &mut NoProbe).is_ok_and(|out| out == Rewritten::Unchanged));
    let mut light = LightProbe::new(&mut rewriter);
    reread(rewriter.rewrite(bytes, &mut light).ok(), view.methods().len());
    let mut every = EveryProbe::new(&mut rewriter);
    reread(rewriter.rewrite(bytes, &mut every).ok(), view.methods().len());
    let mut beside = BesideProbe::new(&mut rewriter);
    reread(rewriter.rewrite(bytes, &mut beside).ok(), view.methods().len());
    let mut anew = Rewriter::new().with_reencoding();
    let written = anew.rewrite(bytes, &mut NoProbe).ok();
    let same = matches!(written, Some(Rewritten::Changed(written)) if written.len() <= bytes.len());
    assert!(same, "written anew without probes a class cannot grow");
}

fn reread(written: Option<Rewritten<'_>>, methods: usize) {
    if let Some(Rewritten::Changed(written)) = written {
        let again = ClassView::parse(written).map(|view| view.methods().len());
        assert!(again.as_ref().is_ok_and(|again| *again == methods), "it reads again: {again:?}");
    }
}

/// Calls every look-up of a view; their results are of no interest here.
fn look_at(view: &ClassView<'_>) {
    let mut bytes_seen = view.annotations().count() + view.fields().len();
    bytes_seen += view.interfaces().map(|name| name.to_str().len()).sum::<usize>();
    bytes_seen += view.referenced_classes().map(|name| name.to_str().len()).sum::<usize>();
    bytes_seen += usize::from(view.major()) + usize::from(view.is_interface());
    bytes_seen += view.source_file().map_or(0, |name| name.as_bytes().len());
    bytes_seen += view.super_name().map_or(0, |name| name.as_bytes().len());
    for field in view.fields() {
        bytes_seen += field.name().to_str().len() + field.annotations().count();
    }
    for method in view.methods() {
        bytes_seen += look_at_method(method);
    }
    for index in 0..=u16::MAX {
        let pool = view.pool();
        bytes_seen += usize::from(pool.dynamic(index).is_some());
        bytes_seen += usize::from(pool.method_handle(index).is_some());
        bytes_seen += pool.string(index).map_or(0, |text| text.to_str().len());
        if index > pool.count() {
            break;
        }
    }
    std::hint::black_box(bytes_seen);
}

fn look_at_method(method: MethodView<'_, '_>) -> usize {
    let mut seen = method.annotations().count() + method.parameters().count();
    seen += usize::from(method.is_leaf()) + usize::from(return_kind(method.descriptor()).is_some());
    for instruction in method.instructions() {
        seen += instruction.operands().len();
        seen += instruction.member().map_or(0, |member| member.owner.as_bytes().len());
        seen += instruction.class_name().map_or(0, |name| name.as_bytes().len());
        seen += usize::from(instruction.dynamic().is_some());
    }
    seen
}
