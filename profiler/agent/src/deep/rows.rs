//! Makes rows of the trace's deep tables of one sample: numbers become names, references become the
//! members they mean.

use std::collections::{HashMap, HashSet};

use beehive_trace::{
    ClassTouch, ConnectionUse, Deep, DeepRoot, ExceptionUse, FieldAccess, Handover, HandoverKind,
    HostKind, HostUse, LockKind, LockUse, NativeCalls, OUTSIDE, ObjectEdge, ReflectiveUse,
    SharedAccess, SharedKind, StaticAccess,
};

use super::class_names::ClassName;
use super::host_names::place_of;
use super::member_flags::{FieldFacts, Meaning};
use super::packed::{Counted, Counter, Holder, Packed, holder};
use super::references::References;
use super::shapes::Shapes;
use super::sizes::{array_bytes, instance_bytes, string_bytes};

/// A sample with what is needed to name its parts.
pub(crate) struct Sample<'s> {
    pub(crate) packed: &'s Packed,
    pub(crate) classes: &'s [ClassName],
    pub(crate) notes: &'s [String],
    pub(crate) shapes: &'s Shapes,
    pub(crate) references: &'s References,
}

/// Sums over the fields of one object.
#[derive(Debug, Default, Clone, Copy)]
struct ObjectSums {
    reads: u64,
    writes: u64,
}

/// Rows in the making.
struct Making<'s> {
    sample: &'s Sample<'s>,
    meaning: Meaning<'s>,
    root: u32,
    rows: Deep,
    object_sums: HashMap<u32, ObjectSums>,
    /// Declared field and object, so that each object counts once a field.
    touched: HashSet<(String, u32)>,
}

/// The rows of one sample; `None` if its root is not known.
pub(crate) fn rows_of(sample: &Sample<'_>) -> Option<Deep> {
    let packed = sample.packed;
    let root = sample.references.roots.get(packed.root)?;
    let mut making = Making {
        sample,
        meaning: Meaning { shapes: sample.shapes, references: sample.references },
        root,
        rows: Deep::default(),
        object_sums: HashMap::new(),
        touched: HashSet::new(),
    };
    for counter in &packed.counters {
        making.count(counter);
    }
    making.objects();
    let existing =
        packed.objects.len() as u64 - packed.new_objects.min(packed.objects.len() as u64);
    making.rows.roots.push(DeepRoot {
        root,
        sampled: 1,
        handed_over: packed.handed_over.into(),
        cold: packed.cold.into(),
        failed: packed.failed.into(),
        calls: packed.calls,
        existing_objects: existing,
        new_objects: packed.new_objects,
        wall_us: packed.wall_us,
        ..DeepRoot::default()
    });
    Some(making.rows)
}

impl Making<'_> {
    fn count(&mut self, counter: &Counter) {
        match counter.kind {
            Counted::Field => self.field(counter),
            Counted::Edge => self.edge(counter),
            Counted::Native => self.native(counter),
            Counted::Static => self.static_field(counter),
            Counted::Lock | Counted::StaticLock => self.lock(counter),
            Counted::Shared => self.shared(counter),
            Counted::Thread | Counted::Task => self.handover(counter),
            Counted::Connection => self.connection(counter),
            Counted::Host => self.host(counter),
            Counted::Entered | Counted::Created | Counted::Loaded | Counted::Linked => {
                self.class_touch(counter);
            }
            Counted::Exception => self.rows.exceptions.push(ExceptionUse {
                root: self.root,
                class_name: self.class_name(counter.first),
                created: counter.one,
                thrown: counter.two,
                invocations: 0,
            }),
            Counted::Reflection => self.reflection(counter),
        }
    }

    fn class(&self, number: u32) -> Option<&ClassName> {
        self.sample.classes.get(number as usize)
    }

    fn class_name(&self, number: u32) -> String {
        self.class(number).map_or_else(|| "?".to_owned(), |class| class.shown.clone())
    }

    fn note(&self, number: u32) -> &str {
        self.sample.notes.get(number as usize).map_or("?", String::as_str)
    }

    fn field(&mut self, counter: &Counter) {
        let Some(field) = self.meaning.field(counter.first) else { return };
        let object = counter.second;
        let sums = self.object_sums.entry(object).or_default();
        sums.reads += counter.one;
        sums.writes += counter.two;
        self.volatile(&field, counter);
        let is_first = self.touched.insert((field.label.clone(), object));
        self.rows.fields.push(FieldAccess {
            root: self.root,
            field: field.label,
            descriptor: field.descriptor,
            is_final: field.is_final,
            is_volatile: field.is_volatile,
            reads: counter.one,
            writes: counter.two,
            objects: is_first.into(),
            invocations: 0,
        });
    }

    fn static_field(&mut self, counter: &Counter) {
        let Some(field) = self.meaning.field(counter.first) else { return };
        self.volatile(&field, counter);
        self.rows.statics.push(StaticAccess {
            root: self.root,
            field: field.label,
            descriptor: field.descriptor,
            is_final: field.is_final,
            is_volatile: field.is_volatile,
            reads: counter.one,
            writes: counter.two,
            invocations: 0,
        });
    }

    fn volatile(&mut self, field: &FieldFacts, counter: &Counter) {
        if !field.is_volatile {
            return;
        }
        for (call, count) in [("read", counter.one), ("write", counter.two)] {
            if count > 0 {
                self.rows.shared.push(SharedAccess {
                    root: self.root,
                    user: OUTSIDE,
                    kind: SharedKind::Volatile,
                    target: field.label.clone(),
                    call: call.to_owned(),
                    count,
                    invocations: 0,
                });
            }
        }
    }

    fn edge(&mut self, counter: &Counter) {
        let Some(holder) = holder(counter.first) else { return };
        self.rows.objects.push(ObjectEdge {
            root: self.root,
            holder: self.holder(holder),
            target: self.class_name(counter.second),
            traversals: counter.one,
            ..ObjectEdge::default()
        });
    }

    /// Where a reference came from, in words.
    fn holder(&self, holder: Holder) -> String {
        let method = |number| self.meaning.method_label(number);
        match holder {
            Holder::This => "(this)".to_owned(),
            Holder::Argument(index) => format!("(argument {index})"),
            Holder::Field(number) => self.meaning.field_label(number),
            Holder::Static(number) => format!("(static) {}", self.meaning.field_label(number)),
            Holder::Element(class) => format!("[] {}", self.class_name(class)),
            Holder::ThreadLocal => "(thread local)".to_owned(),
            Holder::Capture(number) => format!("(captured) {}", method(number)),
            Holder::Call(number) => format!("(call) {}", method(number)),
            Holder::HiddenField(class) => format!("(unnamed field) {}", self.class_name(class)),
        }
    }

    /// Existing objects, by the edge along which each was reached first.
    fn objects(&mut self) {
        for (number, object) in (0u32..).zip(&self.sample.packed.objects) {
            let Some(holder) = object.holder else { continue };
            let sums = self.object_sums.get(&number).copied().unwrap_or_default();
            let bytes = self.bytes(object.class, object.length);
            let row = ObjectEdge {
                root: self.root,
                holder: self.holder(holder),
                target: self.class_name(object.class),
                objects: 1,
                used: object.is_used.into(),
                reads: sums.reads,
                writes: sums.writes,
                element_reads: object.element_reads,
                element_writes: object.element_writes,
                bytes,
                used_bytes: if object.is_used { bytes } else { 0 },
                ..ObjectEdge::default()
            };
            self.rows.objects.push(row);
        }
    }

    fn bytes(&self, class: u32, length: u32) -> u64 {
        let Some(class) = self.class(class) else { return 0 };
        if class.is_array() {
            array_bytes(class.raw.as_bytes(), length)
        } else if class.raw == "java.lang.String" {
            string_bytes(length)
        } else {
            let number = self.sample.shapes.names.find(class.internal().as_bytes());
            number.map_or(16, |number| instance_bytes(self.sample.shapes, number))
        }
    }

    fn native(&mut self, counter: &Counter) {
        let receiver = counter.third.checked_sub(1).and_then(|number| self.class(number));
        if let Some(native) = self.meaning.native(counter.first, receiver) {
            self.rows.natives.push(NativeCalls {
                root: self.root,
                user: counter.second,
                native,
                count: counter.one,
                invocations: 0,
            });
        }
    }

    fn lock(&mut self, counter: &Counter) {
        let is_static = counter.kind == Counted::StaticLock;
        let (number, existing) = match counter.kind {
            Counted::StaticLock => (counter.third, true),
            _ => (counter.third >> 1, counter.third & 1 != 0),
        };
        let kind = match number {
            0 => LockKind::Monitor,
            1 => LockKind::Method,
            2 => LockKind::StaticMethod,
            3 => LockKind::Juc,
            _ => LockKind::Wait,
        };
        let class_name = if is_static {
            self.meaning.probed_class(counter.first)
        } else {
            self.class_name(counter.first)
        };
        let (root, user) = (self.root, counter.second);
        let count = counter.one;
        self.rows.locks.push(LockUse {
            root,
            user,
            class_name,
            kind,
            existing,
            count,
            invocations: 0,
        });
    }

    fn shared(&mut self, counter: &Counter) {
        let call = self.meaning.method_label(counter.first);
        let kind = if call.starts_with("java.lang.invoke.") {
            SharedKind::VarHandle
        } else if call.starts_with("java.util.concurrent.atomic.") {
            SharedKind::FieldUpdater
        } else {
            SharedKind::Unsafe
        };
        let target = match counter.third {
            0 => "(static)".to_owned(),
            class => self.class_name(class - 1),
        };
        self.rows.shared.push(SharedAccess {
            root: self.root,
            user: counter.second,
            kind,
            target,
            call,
            count: counter.one,
            invocations: 0,
        });
    }

    fn handover(&mut self, counter: &Counter) {
        let class_name = self.class_name(counter.first);
        let kind = match counter.kind {
            Counted::Task => HandoverKind::Task,
            _ if class_name == "java.lang.VirtualThread" => HandoverKind::VirtualThread,
            _ => HandoverKind::Thread,
        };
        let task = counter.third.checked_sub(1).map(|class| self.class_name(class));
        self.rows.handovers.push(Handover {
            root: self.root,
            user: counter.second,
            kind,
            class_name,
            task: task.unwrap_or_default(),
            count: counter.one,
            invocations: 0,
        });
    }

    fn connection(&mut self, counter: &Counter) {
        let opener = (counter.third >> 2).checked_sub(1).map(|note| self.note(note).to_owned());
        let mut row = ConnectionUse {
            root: self.root,
            user: counter.second,
            peer: super::host_names::peer_of(self.note(counter.first)),
            opener: opener.unwrap_or_default(),
            ..ConnectionUse::default()
        };
        match counter.third & 3 {
            0 => row.opened = counter.one,
            1 => (row.reads, row.bytes_in) = (counter.one, counter.two),
            _ => (row.writes, row.bytes_out) = (counter.one, counter.two),
        }
        self.rows.connections.push(row);
    }

    fn host(&mut self, counter: &Counter) {
        let kind = if counter.third == 0 { HostKind::File } else { HostKind::Process };
        self.rows.host.push(HostUse {
            root: self.root,
            user: counter.second,
            kind,
            what: place_of(kind, self.note(counter.first)),
            count: counter.one,
            invocations: 0,
        });
    }

    fn class_touch(&mut self, counter: &Counter) {
        let mut row = ClassTouch { root: self.root, ..ClassTouch::default() };
        if counter.kind == Counted::Entered {
            row.class_name = self.meaning.probed_class(counter.first);
        } else {
            row.class_name = self.class_name(counter.first);
            row.hidden = self.class(counter.first).is_some_and(|class| class.is_hidden);
        }
        match counter.kind {
            Counted::Entered => row.calls = counter.one,
            Counted::Created => row.created = counter.one,
            Counted::Loaded => row.loaded = counter.one,
            _ => row.linked = counter.one,
        }
        self.rows.classes.push(row);
    }

    fn reflection(&mut self, counter: &Counter) {
        let target = counter.third.checked_sub(1).map(|note| self.note(note).to_owned());
        self.rows.reflection.push(ReflectiveUse {
            root: self.root,
            user: counter.second,
            call: self.meaning.method_label(counter.first),
            target: target.unwrap_or_default(),
            count: counter.one,
            invocations: 0,
        });
    }
}
