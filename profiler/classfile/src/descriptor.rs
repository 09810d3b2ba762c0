//! Field and method descriptors (JVMS §4.3): parameters with their slots, and the classes
//! they name. Nothing is allocated; text that is no descriptor yields `None` or ends early.

use crate::mutf8::Mutf8;

/// The five kinds of value that loads, stores and returns tell apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `boolean`, `byte`, `char`, `short` or `int`.
    Int,
    /// `long`: two slots.
    Long,
    /// `float`.
    Float,
    /// `double`: two slots.
    Double,
    /// A class or an array.
    Reference,
}

impl Kind {
    /// How many slots of the stack or of the locals a value takes.
    pub const fn slots(self) -> u16 {
        match self {
            Self::Long | Self::Double => 2,
            Self::Int | Self::Float | Self::Reference => 1,
        }
    }
}

/// Splits the first field type off `text`; `None` when there is none.
fn split_type(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let dimensions = text.iter().take_while(|byte| **byte == b'[').count();
    let base = text.get(dimensions..)?;
    let length = match base.first()? {
        b'B' | b'C' | b'D' | b'F' | b'I' | b'J' | b'S' | b'Z' => 1,
        b'L' => base.iter().position(|byte| *byte == b';')? + 1,
        _ => return None,
    };
    text.split_at_checked(dimensions + length)
}

/// Kind of a field type.
fn kind_of(text: &[u8]) -> Option<Kind> {
    Some(match text.first()? {
        b'B' | b'C' | b'I' | b'S' | b'Z' => Kind::Int,
        b'J' => Kind::Long,
        b'F' => Kind::Float,
        b'D' => Kind::Double,
        b'L' | b'[' => Kind::Reference,
        _ => return None,
    })
}

/// One parameter of a method.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Parameter<'a> {
    /// Its field descriptor.
    pub descriptor: Mutf8<'a>,
    /// Its kind.
    pub kind: Kind,
    /// Local variable that holds it on entry, counted from the first parameter's.
    pub slot: u16,
}

/// The parameters of a method descriptor, in order; ends early on malformed text.
#[derive(Debug, Clone)]
pub struct Parameters<'a> {
    rest: &'a [u8],
    slot: u16,
}

/// Parameters of `descriptor`, the first in local variable `first_slot`.
pub fn parameters(descriptor: Mutf8<'_>, first_slot: u16) -> Parameters<'_> {
    let rest = descriptor.0.strip_prefix(b"(").unwrap_or_default();
    Parameters { rest, slot: first_slot }
}

impl<'a> Iterator for Parameters<'a> {
    type Item = Parameter<'a>;

    fn next(&mut self) -> Option<Parameter<'a>> {
        let (text, rest) = split_type(self.rest)?;
        let kind = kind_of(text)?;
        let slot = self.slot;
        self.rest = rest;
        self.slot = slot.checked_add(kind.slots())?;
        Some(Parameter { descriptor: Mutf8(text), kind, slot })
    }
}

/// Stack slots a method takes (receiver not counted) and gives back.
pub fn method_slots(descriptor: Mutf8<'_>) -> Option<(u16, u16)> {
    let mut all = parameters(descriptor, 0);
    all.by_ref().count();
    let result = all.rest.strip_prefix(b")")?;
    Some((all.slot, if result == b"V" { 0 } else { field_slots(Mutf8(result))? }))
}

/// Kind of what a method returns; `None` for `void` and for malformed text.
pub fn return_kind(descriptor: Mutf8<'_>) -> Option<Kind> {
    let close = descriptor.0.iter().rposition(|byte| *byte == b')')?;
    kind_of(descriptor.0.get(close + 1..)?)
}

/// Stack slots of a field; `None` when the text is not exactly one field descriptor.
pub fn field_slots(descriptor: Mutf8<'_>) -> Option<u16> {
    let (text, rest) = split_type(descriptor.0)?;
    if rest.is_empty() { kind_of(text).map(Kind::slots) } else { None }
}

/// `Lx/Y;` names class `x/Y`; an array's class is named by its descriptor.
pub(crate) fn class_of_descriptor(descriptor: &[u8]) -> &[u8] {
    match descriptor {
        [b'L', name @ .., b';'] => name,
        array => array,
    }
}

/// What a method descriptor returns, `V` for nothing; `None` when it is malformed.
pub fn return_type(descriptor: Mutf8<'_>) -> Option<Mutf8<'_>> {
    let close = descriptor.0.iter().rposition(|byte| *byte == b')')?;
    descriptor.0.get(close + 1..).map(Mutf8)
}

/// The classes a field or method descriptor names, without `L` and `;`, elements of arrays
/// included. Text between is skipped, so malformed descriptors yield fewer names.
pub fn classes_in(descriptor: Mutf8<'_>) -> impl Iterator<Item = Mutf8<'_>> {
    let mut rest = descriptor.0;
    std::iter::from_fn(move || {
        loop {
            match rest.first()? {
                b'L' => {
                    let end = rest.iter().position(|byte| *byte == b';')?;
                    let name = rest.get(1..end)?;
                    rest = rest.get(end + 1..)?;
                    return Some(Mutf8(name));
                }
                _ => rest = rest.get(1..)?,
            }
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(descriptor: &str) -> Mutf8<'_> {
        Mutf8::new(descriptor.as_bytes())
    }

    #[test]
    fn slots_count_wide_values_twice_and_arrays_once() {
        assert_eq!(method_slots(text("(IJ[J[[Ljava/lang/String;DF)V")), Some((8, 0)));
        assert_eq!(method_slots(text("()J")), Some((0, 2)));
        for bad in ["", "I", "(", "(I", "(Q)V", "(Ljava/lang/String)V", "()", "()II", "(V)V"] {
            assert_eq!(method_slots(text(bad)), None, "{bad}");
        }
    }

    #[test]
    fn parameters_know_their_local_variable() {
        let slots: Vec<_> = parameters(text("(JLa;D[I)V"), 1).map(|p| (p.kind, p.slot)).collect();
        let expected =
            [(Kind::Long, 1), (Kind::Reference, 3), (Kind::Double, 4), (Kind::Reference, 6)];
        assert_eq!(slots, expected);
    }

    #[test]
    fn classes_are_found_in_parameters_arrays_and_result() {
        let names: Vec<_> =
            classes_in(text("(ILa/B;[[Lc/D;J)Le/F;")).map(|name| name.to_string()).collect();
        assert_eq!(names, ["a/B", "c/D", "e/F"]);
        assert_eq!(classes_in(text("[[I")).count(), 0);
        assert_eq!(classes_in(text("Lunclosed")).count(), 0);
    }
}
