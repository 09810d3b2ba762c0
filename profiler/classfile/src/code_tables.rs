//! What follows the code inside a `Code` attribute: exception table and attributes, moved to
//! the new positions. Frames are done by `stack_map`, descriptive tables by `debug_tables`.

use crate::attribute::{Attribute, Attributes};
use crate::code::Code;
use crate::constant_pool::ConstantPool;
use crate::debug_tables::{move_lines, move_type_annotations, move_variables};
use crate::left_alone::LeftAlone;
use crate::method_writer::Handler;
use crate::position::{Hint, PositionMap};
use crate::read::{put_u16, put_u32, u16_at};
use crate::stack_map::{self, AddedFrames};

/// The attributes that hold positions.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum TableKind {
    Frames,
    Lines,
    Variables,
    TypeAnnotations,
    Unknown,
}

/// Kinds of the attribute names of one class met so far, by constant-pool index.
#[derive(Debug, Clone, Default)]
pub(crate) struct AttributeNames(Vec<(u16, TableKind)>);

impl AttributeNames {
    pub(crate) fn start_class(&mut self) {
        self.0.clear();
    }

    pub(crate) fn kind(&mut self, pool: &ConstantPool<'_>, index: u16) -> TableKind {
        if let Some((_, kind)) = self.0.iter().find(|(known, _)| *known == index) {
            return *kind;
        }
        let kind = match pool.utf8(index).map_or(&b""[..], |name| name.as_bytes()) {
            b"StackMapTable" => TableKind::Frames,
            b"LineNumberTable" => TableKind::Lines,
            b"LocalVariableTable" | b"LocalVariableTypeTable" => TableKind::Variables,
            b"RuntimeVisibleTypeAnnotations" | b"RuntimeInvisibleTypeAnnotations" => {
                TableKind::TypeAnnotations
            }
            _ => TableKind::Unknown,
        };
        self.0.push((index, kind));
        kind
    }

    /// Makes known the name that was added to the class for a table of frames.
    pub(crate) fn add_frames(&mut self, index: u16) {
        if self.0.iter().all(|(known, _)| *known != index) {
            self.0.push((index, TableKind::Frames));
        }
    }

    /// Whether the code has frames already.
    pub(crate) fn has_frames(&mut self, pool: &ConstantPool<'_>, code: &Code<'_>) -> bool {
        Attributes::new(code.attributes)
            .any(|attribute| self.kind(pool, attribute.name_index) == TableKind::Frames)
    }
}

/// The added frames, and the name for a table of their own if there is none.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct NewFrames {
    pub(crate) frames: AddedFrames,
    pub(crate) table_name: Option<u16>,
}

/// Writes the exception table: the old rows moved, the catch-all row last.
pub(crate) fn write_exceptions(
    code: &Code<'_>,
    map: &PositionMap,
    handler: Option<Handler>,
    body: &mut Vec<u8>,
) -> Result<(), LeftAlone> {
    let count = code.exceptions.len() / 8 + usize::from(handler.is_some());
    let count = u16::try_from(count).map_err(|_| LeftAlone::TooManyHandlers)?;
    body.extend_from_slice(&count.to_be_bytes());
    let start = body.len();
    body.extend_from_slice(code.exceptions);
    let mut hints = [Hint::default(); 3];
    for row in body.get_mut(start..).unwrap_or_default().chunks_exact_mut(8) {
        for (field, hint) in hints.iter_mut().enumerate() {
            let old = u16_at(row, 2 * field).ok_or(LeftAlone::Malformed)?;
            if usize::from(old) > code.bytes.len() {
                return Err(LeftAlone::Malformed);
            }
            let new = map.label(u32::from(old), hint);
            let new = u16::try_from(new).map_err(|_| LeftAlone::CodeTooLarge)?;
            let _ = put_u16(row, 2 * field, new);
        }
    }
    if let Some(handler) = handler {
        for position in [handler.start, handler.pc, handler.pc, 0] {
            let position = u16::try_from(position).map_err(|_| LeftAlone::CodeTooLarge)?;
            body.extend_from_slice(&position.to_be_bytes());
        }
    }
    Ok(())
}

/// Writes the attributes of a method's code.
pub(crate) struct CodeTables<'t, 'a> {
    pub(crate) pool: &'t ConstantPool<'a>,
    pub(crate) code: Code<'a>,
    pub(crate) map: &'t PositionMap,
    pub(crate) names: &'t mut AttributeNames,
    pub(crate) new_frames: NewFrames,
}

impl CodeTables<'_, '_> {
    /// Appends the table of attributes. An attribute nobody knows may hold positions, so it
    /// is dropped when they moved; JVMS §4.7.1 lets a reader do without it.
    pub(crate) fn write(&mut self, body: &mut Vec<u8>) -> Result<(), LeftAlone> {
        let count_at = body.len();
        body.extend_from_slice(&[0, 0]);
        let mut attributes = Attributes::new(self.code.attributes);
        let mut count = attributes.left();
        let mut seen = 0;
        let identity = self.map.is_identity();
        for attribute in &mut attributes {
            seen += 1;
            let kind = self.names.kind(self.pool, attribute.name_index);
            if kind == TableKind::Unknown && !identity {
                count -= 1;
                continue;
            }
            self.write_one(attribute, kind, body).ok_or(LeftAlone::Malformed)??;
        }
        if seen != Attributes::new(self.code.attributes).left() || !attributes.at_end() {
            return Err(LeftAlone::Malformed);
        }
        if let NewFrames { frames, table_name: Some(name) } = self.new_frames {
            count = count.checked_add(1).ok_or(LeftAlone::Malformed)?;
            self.write_frames(name, &[], frames, body)?;
        }
        let _ = put_u16(body, count_at, count);
        Ok(())
    }

    /// Appends one attribute; `None` when it is malformed.
    fn write_one(
        &self,
        attribute: Attribute<'_>,
        kind: TableKind,
        body: &mut Vec<u8>,
    ) -> Option<Result<(), LeftAlone>> {
        let payload = attribute.payload;
        if kind == TableKind::Frames {
            // A table without frames is its count and nothing else.
            if u16_at(payload, 0)? == 0 && payload.len() > 2 {
                return None;
            }
            let frames = self.new_frames.frames;
            return Some(self.write_frames(attribute.name_index, payload, frames, body));
        }
        body.extend_from_slice(&attribute.name_index.to_be_bytes());
        body.extend_from_slice(&(payload.len() as u32).to_be_bytes());
        let start = body.len();
        body.extend_from_slice(payload);
        let table = body.get_mut(start..)?;
        match kind {
            TableKind::Lines => move_lines(table, self.map)?,
            TableKind::Variables => move_variables(table, self.map)?,
            TableKind::TypeAnnotations => move_type_annotations(table, self.map)?,
            TableKind::Frames | TableKind::Unknown => {}
        }
        Some(Ok(()))
    }

    /// Appends a `StackMapTable`.
    fn write_frames(
        &self,
        name: u16,
        payload: &[u8],
        frames: AddedFrames,
        body: &mut Vec<u8>,
    ) -> Result<(), LeftAlone> {
        body.extend_from_slice(&name.to_be_bytes());
        let length_at = body.len();
        body.extend_from_slice(&[0; 4]);
        stack_map::rewrite(payload, self.code.bytes.len(), self.map, frames, body)?;
        let length = body.len() - length_at - 4;
        let _ = put_u32(body, length_at, length as u32);
        Ok(())
    }
}
