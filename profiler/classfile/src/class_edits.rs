//! `ClassEdits`: what changes of a class outside the code of its methods: version, access flags, added
//! fields, methods left out, method handles that point elsewhere. Nothing here moves a constant;
//! flags and handles are patched where they stand, while the rewriter copies the class.

use crate::constants::{Constants, StaticMethod, Text};
use crate::left_alone::LeftAlone;
use crate::member::{FieldView, MethodView};
use crate::view::ClassView;

/// `REF_invokeStatic` (JVMS table 5.4.3.5-A).
const INVOKE_STATIC_HANDLE: u8 = 6;

/// Where the versions stand in a class file (JVMS §4.1).
const MINOR_AT: usize = 4;
const MAJOR_AT: usize = 6;

/// Value that a static field has from the start.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InitialValue {
    /// Of an `int` field.
    Int(i32),
    /// Of a `long` field.
    Long(i64),
}

/// Bytes that replace as many of the old class file.
#[derive(Debug, Clone, Copy)]
struct Patch {
    at: usize,
    bytes: [u8; 3],
    length: usize,
}

/// What was asked for, kept by the rewriter from class to class.
#[derive(Debug, Clone, Default)]
pub(crate) struct EditBuffers {
    /// Ascending once the class is being copied.
    patches: Vec<Patch>,
    /// The added fields as they stand in a class file.
    pub(crate) fields: Vec<u8>,
    added_fields: u16,
    /// Starts of the methods that are left out.
    dropped: Vec<u32>,
    failure: Option<LeftAlone>,
}

impl EditBuffers {
    pub(crate) fn start_class(&mut self) {
        self.patches.clear();
        self.fields.clear();
        self.added_fields = 0;
        self.dropped.clear();
        self.failure = None;
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.patches.is_empty() && self.fields.is_empty() && self.dropped.is_empty()
    }

    /// Turns what was asked for into patches in order; fails when it cannot be done.
    pub(crate) fn finish(&mut self, view: &ClassView<'_>) -> Result<(), LeftAlone> {
        if let Some(reason) = self.failure {
            return Err(reason);
        }
        let fields = view.fields().len() + usize::from(self.added_fields);
        let fields = u16::try_from(fields).map_err(|_| LeftAlone::PoolFull)?;
        let methods = view.methods().len().saturating_sub(self.dropped.len()) as u16;
        if self.added_fields > 0 {
            self.patch_u16(view.fields_at(), fields);
        }
        if !self.dropped.is_empty() {
            self.patch_u16(view.methods_at(), methods);
        }
        self.patches.sort_by_key(|patch| patch.at);
        Ok(())
    }

    pub(crate) fn is_dropped(&self, start: u32) -> bool {
        self.dropped.contains(&start)
    }

    fn patch_u16(&mut self, at: usize, value: u16) {
        let [high, low] = value.to_be_bytes();
        self.patch(Patch { at, bytes: [high, low, 0], length: 2 });
    }

    /// The last word on a place counts.
    fn patch(&mut self, patch: Patch) {
        self.patches.retain(|other| other.at != patch.at);
        self.patches.push(patch);
    }

    /// Gives a place its old bytes back.
    pub(crate) fn unpatch(&mut self, at: usize) {
        self.patches.retain(|patch| patch.at != at);
    }

    /// Appends `from..to` of the old class with the patches that lie there.
    pub(crate) fn copy(&self, old: &[u8], from: usize, to: usize, out: &mut Vec<u8>) -> Option<()> {
        let span = old.get(from..to)?;
        let start = out.len();
        out.extend_from_slice(span);
        let first = self.patches.partition_point(|patch| patch.at < from);
        for patch in self.patches.get(first..)?.iter().take_while(|patch| patch.at < to) {
            let at = start + patch.at - from;
            let new = patch.bytes.get(..patch.length)?;
            out.get_mut(at..at + patch.length)?.copy_from_slice(new);
        }
        Some(())
    }
}

/// Takes the wishes of a [`Probes`](crate::Probes) for the class at hand.
#[derive(Debug)]
pub struct ClassEdits<'e> {
    pub(crate) constants: &'e mut Constants,
    pub(crate) buffers: &'e mut EditBuffers,
}

impl ClassEdits<'_> {
    fn fail(&mut self, reason: LeftAlone) {
        self.buffers.failure.get_or_insert(reason);
    }

    /// Gives the class file another major version, with minor version 0. What that makes of the class is the
    /// caller's concern: from 50 on it needs stack maps, from 49 on it may name classes in code.
    pub fn set_major(&mut self, major: u16) {
        self.buffers.patch_u16(MINOR_AT, 0);
        self.buffers.patch_u16(MAJOR_AT, major);
    }

    /// Gives the class other access flags (JVMS table 4.1-B).
    pub fn set_class_access(&mut self, class: &ClassView<'_>, access: u16) {
        self.buffers.patch_u16(class.pool().end(), access);
    }

    /// Gives a field other access flags.
    pub fn set_field_access(&mut self, field: FieldView<'_, '_>, access: u16) {
        self.buffers.patch_u16(field.start(), access);
    }

    /// Gives a method other access flags. They stay as they were if its code is left alone.
    pub fn set_method_access(&mut self, method: MethodView<'_, '_>, access: u16) {
        self.buffers.patch_u16(method.start(), access);
    }

    /// Gives a method another name.
    pub fn rename_method(&mut self, method: MethodView<'_, '_>, name: Text) {
        match self.constants.index(name.handle) {
            Some(name) => self.buffers.patch_u16(method.start() + 2, name),
            None => self.fail(LeftAlone::PoolFull),
        }
    }

    /// Leaves a method out of the class.
    pub fn drop_method(&mut self, method: MethodView<'_, '_>) {
        self.buffers.dropped.push(method.start() as u32);
    }

    /// Adds a field; with a value (static fields only) it has that before any code runs.
    pub fn add_field(
        &mut self,
        access: u16,
        name: Text,
        descriptor: Text,
        value: Option<InitialValue>,
    ) {
        if self.try_add_field(access, name, descriptor, value).is_none() {
            self.fail(LeftAlone::PoolFull);
        }
    }

    fn try_add_field(
        &mut self,
        access: u16,
        name: Text,
        descriptor: Text,
        value: Option<InitialValue>,
    ) -> Option<()> {
        let name = self.constants.index(name.handle)?;
        let descriptor = self.constants.index(descriptor.handle)?;
        let value = match value {
            Some(InitialValue::Int(value)) => Some(self.constants.integer(value)?),
            Some(InitialValue::Long(value)) => Some(self.constants.long(value)?),
            None => None,
        };
        let attributes = u16::from(value.is_some());
        for part in [access, name, descriptor, attributes] {
            self.buffers.fields.extend_from_slice(&part.to_be_bytes());
        }
        if let Some(value) = value {
            let attribute = self.constants.constant_value_name();
            let attribute = self.constants.index(attribute.handle)?;
            self.buffers.fields.extend_from_slice(&attribute.to_be_bytes());
            self.buffers.fields.extend_from_slice(&2u32.to_be_bytes());
            self.buffers.fields.extend_from_slice(&value.to_be_bytes());
        }
        self.buffers.added_fields += 1;
        Some(())
    }

    /// Makes the `MethodHandle` constant at `index` one of a static method. All call sites that
    /// are bootstrapped by it follow.
    pub fn redirect_handle(&mut self, class: &ClassView<'_>, index: u16, to: StaticMethod) {
        let at = class.pool().method_handle_at(index);
        let to = self.constants.index(to.handle);
        match (at, to) {
            (Some(at), Some(to)) => {
                let [high, low] = to.to_be_bytes();
                let bytes = [INVOKE_STATIC_HANDLE, high, low];
                self.buffers.patch(Patch { at: at + 1, bytes, length: 3 });
            }
            _ => self.fail(LeftAlone::PoolFull),
        }
    }
}
