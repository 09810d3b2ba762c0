//! Joins two versions of one method into one `Code` attribute: the old code, and behind it the code
//! with the probes; a choice at entry jumps to the latter. Both were complete before, so all that is
//! done is to move each as a whole and to add one frame: the state at entry, where the probed code
//! begins. The choice and the probed code come from the method writer.

use crate::attribute::Attributes;
use crate::code::{Code, instruction_length};
use crate::code_tables::{AttributeNames, TableKind};
use crate::constants::Constants;
use crate::debug_tables::{move_lines, move_type_annotations, move_variables};
use crate::descriptor::{Kind, class_of_descriptor};
use crate::left_alone::LeftAlone;
use crate::member::MethodView;
use crate::opcode::{LOOKUPSWITCH, TABLESWITCH};
use crate::position::PositionMap;
use crate::read::{put_u16, put_u32, u16_at};
use crate::rewriter::OwnConstants;
use crate::stack_map;

const IFNE: u8 = 0x9a;
const NOP: u8 = 0;
const FULL_FRAME: u8 = 255;

/// The instructions of the choice and the stack they need.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Choice<'c> {
    pub(crate) bytes: &'c [u8],
    pub(crate) stack: u16,
    pub(crate) locals: u16,
}

/// What joining needs besides the two versions.
pub(crate) struct Joint<'j, 'v, 'a> {
    pub(crate) method: MethodView<'v, 'a>,
    pub(crate) constants: &'j mut Constants,
    pub(crate) names: &'j mut AttributeNames,
    pub(crate) own: OwnConstants,
}

/// One version with the place it moves to.
struct Version<'p> {
    code: Code<'p>,
    map: PositionMap,
}

impl<'p> Version<'p> {
    fn new(code: Code<'p>, start: usize) -> Self {
        let mut map = PositionMap::default();
        map.start_second(start as u32);
        Self { code, map }
    }

    fn frames(&self, joint: &mut Joint<'_, '_, '_>) -> Option<&'p [u8]> {
        let pool = joint.method.class().pool();
        Attributes::new(self.code.attributes)
            .find(|attribute| joint.names.kind(pool, attribute.name_index) == TableKind::Frames)
            .map(|attribute| attribute.payload)
    }

    /// The exception table, moved by `start`.
    fn write_exceptions(&self, start: usize, out: &mut Vec<u8>) -> Result<(), LeftAlone> {
        for row in self.code.exceptions.chunks_exact(8) {
            for at in [0, 2, 4] {
                let old = usize::from(u16_at(row, at).ok_or(LeftAlone::Malformed)?);
                let new = u16::try_from(old + start).map_err(|_| LeftAlone::CodeTooLarge)?;
                out.extend_from_slice(&new.to_be_bytes());
            }
            out.extend_from_slice(row.get(6..).unwrap_or_default());
        }
        Ok(())
    }
}

impl Joint<'_, '_, '_> {
    /// Appends the payload of the joined attribute, its length in front, and gives the length of
    /// the code.
    pub(crate) fn write(
        &mut self,
        choice: Choice<'_>,
        old: Code<'_>,
        probed: Code<'_>,
        out: &mut Vec<u8>,
    ) -> Result<u32, LeftAlone> {
        // The probed code may have got its table of frames only now.
        let name = self.constants.index(self.own.stack_map_table.handle);
        self.names.add_frames(name.ok_or(LeftAlone::PoolFull)?);
        let length_at = out.len();
        let stack = old.max_stack.max(probed.max_stack).max(choice.stack);
        let locals = old.max_locals.max(probed.max_locals).max(choice.locals);
        out.extend_from_slice(&[0; 4]);
        out.extend_from_slice(&stack.to_be_bytes());
        out.extend_from_slice(&locals.to_be_bytes());
        out.extend_from_slice(&[0; 4]);
        let base = out.len();
        let mut first = Version::new(old, 0);
        let mut second = Version::new(probed, 0);
        let starts_with_frame = second.frames(self).is_some_and(stack_map::begins_at_zero);
        let places = write_code(choice, &old, &probed, starts_with_frame, out)?;
        let (old_start, probed_start) = (places.old, places.probed);
        first.map.start_second(old_start as u32);
        second.map.start_second(probed_start as u32);
        let length = (out.len() - base) as u32;
        if length > u32::from(u16::MAX) {
            return Err(LeftAlone::CodeTooLarge);
        }
        let rows = (old.exceptions.len() + probed.exceptions.len()) / 8;
        let rows = u16::try_from(rows).map_err(|_| LeftAlone::TooManyHandlers)?;
        out.extend_from_slice(&rows.to_be_bytes());
        first.write_exceptions(old_start, out)?;
        second.write_exceptions(probed_start, out)?;
        self.write_attributes(&first, &second, places.frame, out)?;
        let _ = put_u32(out, base - 4, length);
        let written = (out.len() - length_at - 4) as u32;
        let _ = put_u32(out, length_at, written);
        Ok(length)
    }

    fn write_attributes(
        &mut self,
        first: &Version<'_>,
        second: &Version<'_>,
        frame: usize,
        out: &mut Vec<u8>,
    ) -> Result<(), LeftAlone> {
        let count_at = out.len();
        out.extend_from_slice(&[0, 0]);
        let mut count = 0;
        for version in [first, second] {
            for attribute in Attributes::new(version.code.attributes) {
                let kind = self.names.kind(self.method.class().pool(), attribute.name_index);
                if matches!(kind, TableKind::Frames | TableKind::Unknown) {
                    continue;
                }
                out.extend_from_slice(&attribute.name_index.to_be_bytes());
                out.extend_from_slice(&(attribute.payload.len() as u32).to_be_bytes());
                let start = out.len();
                out.extend_from_slice(attribute.payload);
                let table = out.get_mut(start..).unwrap_or_default();
                let moved = match kind {
                    TableKind::Lines => move_lines(table, &version.map),
                    TableKind::Variables => move_variables(table, &version.map),
                    _ => move_type_annotations(table, &version.map),
                };
                moved.ok_or(LeftAlone::Malformed)?;
                count += 1;
            }
        }
        if self.write_frames(first, second, frame, out)? {
            count += 1;
        }
        let _ = put_u16(out, count_at, count);
        Ok(())
    }

    /// Writes the joined `StackMapTable`; false where the class file is too old to have one.
    fn write_frames(
        &mut self,
        first: &Version<'_>,
        second: &Version<'_>,
        frame: usize,
        out: &mut Vec<u8>,
    ) -> Result<bool, LeftAlone> {
        let (one, two) = (first.frames(self), second.frames(self));
        if self.method.class().major() < 50 && one.is_none() && two.is_none() {
            return Ok(false);
        }
        let name = self.constants.index(self.own.stack_map_table.handle);
        out.extend_from_slice(&name.ok_or(LeftAlone::PoolFull)?.to_be_bytes());
        let length_at = out.len();
        out.extend_from_slice(&[0; 4]);
        let (one, two) = (one.unwrap_or_default(), two.unwrap_or_default());
        let count = |payload| u32::from(u16_at(payload, 0).unwrap_or(0));
        let total = u16::try_from(count(one) + count(two) + 1).map_err(|_| LeftAlone::Malformed)?;
        out.extend_from_slice(&total.to_be_bytes());
        let last = stack_map::append(one, first.code.bytes.len(), &first.map, -1, out)?;
        self.write_entry_frame(frame as i64 - last - 1, out)?;
        stack_map::append(two, second.code.bytes.len(), &second.map, frame as i64, out)?;
        let written = (out.len() - length_at - 4) as u32;
        let _ = put_u32(out, length_at, written);
        Ok(true)
    }

    /// Writes the frame of the state at entry: `this` and the parameters, nothing on the stack.
    fn write_entry_frame(&mut self, delta: i64, out: &mut Vec<u8>) -> Result<(), LeftAlone> {
        let delta = u16::try_from(delta).map_err(|_| LeftAlone::CodeTooLarge)?;
        out.push(FULL_FRAME);
        out.extend_from_slice(&delta.to_be_bytes());
        let count_at = out.len();
        out.extend_from_slice(&[0, 0]);
        let mut count = 0;
        let class = self.method.class();
        if !self.method.is_static() {
            if self.method.is_constructor() && class.super_name().is_some() {
                out.push(6);
            } else {
                write_object(class.this_class_index(), out);
            }
            count += 1;
        }
        for parameter in self.method.parameters() {
            match parameter.kind {
                Kind::Int => out.push(1),
                Kind::Float => out.push(2),
                Kind::Double => out.push(3),
                Kind::Long => out.push(4),
                Kind::Reference => {
                    let name = class_of_descriptor(parameter.descriptor.as_bytes());
                    let index = self.constants.class_named(name).ok_or(LeftAlone::PoolFull)?;
                    write_object(index, out);
                }
            }
            count += 1;
        }
        out.extend_from_slice(&[0, 0]);
        let _ = put_u16(out, count_at, count);
        Ok(())
    }
}

/// Writes choice, old and probed code, each switch where its padding is right.
fn write_code(
    choice: Choice<'_>,
    old: &Code<'_>,
    probed: &Code<'_>,
    starts_with_frame: bool,
    out: &mut Vec<u8>,
) -> Result<Places, LeftAlone> {
    let base = out.len();
    out.extend_from_slice(choice.bytes);
    let jump = out.len() - base;
    out.extend_from_slice(&[IFNE, 0, 0]);
    pad(out, base, old.bytes);
    let old_start = out.len() - base;
    out.extend_from_slice(old.bytes);
    let frame = out.len() - base;
    if starts_with_frame {
        // Two frames cannot stand at one place.
        out.push(NOP);
    }
    pad(out, base, probed.bytes);
    let probed_start = out.len() - base;
    out.extend_from_slice(probed.bytes);
    let offset = i16::try_from(frame - jump).map_err(|_| LeftAlone::JumpTooFar)?;
    let _ = put_u16(out, base + jump + 1, offset as u16);
    Ok(Places { old: old_start, frame, probed: probed_start })
}

/// Where the parts of the joined code begin.
struct Places {
    old: usize,
    frame: usize,
    probed: usize,
}

fn write_object(index: u16, out: &mut Vec<u8>) {
    let [high, low] = index.to_be_bytes();
    out.extend_from_slice(&[7, high, low]);
}

/// Appends what brings `code` to a multiple of four, if it has a switch.
fn pad(out: &mut Vec<u8>, base: usize, code: &[u8]) {
    let mut pc = 0;
    let mut has_switch = false;
    while let Some(length) = instruction_length(code, pc) {
        has_switch |= matches!(code.get(pc), Some(&TABLESWITCH | &LOOKUPSWITCH));
        pc += length;
    }
    while has_switch && !(out.len() - base).is_multiple_of(4) {
        out.push(NOP);
    }
}
