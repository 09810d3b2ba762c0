//! The eight boxes of the language: how a value becomes an `Object` and back, as bytecode.
//! Declares the constants; the gate emits them.

use beehive_classfile::{
    Class, ClassFileError, Constants, Emitter, Mutf8, StaticMethod, VirtualMethod,
};

/// Descriptor of a primitive type, its box, and the method that opens the box.
const BOXES: [(u8, &str, &str); 8] = [
    (b'Z', "java/lang/Boolean", "booleanValue"),
    (b'B', "java/lang/Byte", "byteValue"),
    (b'C', "java/lang/Character", "charValue"),
    (b'S', "java/lang/Short", "shortValue"),
    (b'I', "java/lang/Integer", "intValue"),
    (b'J', "java/lang/Long", "longValue"),
    (b'F', "java/lang/Float", "floatValue"),
    (b'D', "java/lang/Double", "doubleValue"),
];

#[derive(Debug, Clone, Copy)]
struct BoxCalls {
    primitive: u8,
    class: Class,
    value_of: StaticMethod,
    value: VirtualMethod,
}

/// The declared constants of the boxes.
#[derive(Debug, Clone)]
pub(crate) struct Boxes(Vec<BoxCalls>);

impl Boxes {
    pub(crate) fn declare(constants: &mut Constants) -> Result<Self, ClassFileError> {
        let declare = |(primitive, class, value): (u8, &str, &str)| {
            let letter = char::from(primitive);
            let value_of = format!("({letter})L{class};");
            Ok::<_, ClassFileError>(BoxCalls {
                primitive,
                class: constants.class(class),
                value_of: constants.static_method(class, "valueOf", &value_of)?,
                value: constants.virtual_method(class, value, &format!("(){letter}"))?,
            })
        };
        BOXES.into_iter().map(declare).collect::<Result<_, _>>().map(Self)
    }

    fn of(&self, descriptor: Mutf8<'_>) -> Option<&BoxCalls> {
        let [primitive] = descriptor.as_bytes() else { return None };
        self.0.iter().find(|calls| calls.primitive == *primitive)
    }

    /// Puts the value on the stack, of the type given, into a box; references stay.
    pub(crate) fn close(&self, descriptor: Mutf8<'_>, emit: &mut Emitter<'_>) {
        if let Some(calls) = self.of(descriptor) {
            emit.invokestatic(calls.value_of);
        }
    }

    /// Makes the `Object` on the stack a value of the type given.
    pub(crate) fn open(&self, descriptor: Mutf8<'_>, emit: &mut Emitter<'_>) {
        match self.of(descriptor) {
            Some(calls) => {
                emit.checkcast(calls.class);
                emit.invokevirtual(calls.value);
            }
            None => emit.cast_to(descriptor),
        }
    }
}
