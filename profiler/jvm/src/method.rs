//! Looked-up Java methods. Each keeps its descriptor, and calls are checked against it, so that a
//! wrong call is an error and not undefined behaviour.

use jvmti_bindings::sys::jni::{jmethodID, jvalue};
use std::ptr;

use crate::error::JvmError;
use crate::object::{GlobalRef, Object};

/// An argument of a call.
#[derive(Debug, Clone, Copy)]
pub enum Value<'f> {
    /// `int`.
    Int(i32),
    /// `long`.
    Long(i64),
    /// A reference, or null.
    Object(Option<Object<'f>>),
}

impl Value<'_> {
    fn kind(self) -> u8 {
        match self {
            Self::Int(_) => b'I',
            Self::Long(_) => b'J',
            Self::Object(_) => b'L',
        }
    }

    fn raw(self) -> jvalue {
        match self {
            Self::Int(i) => jvalue { i },
            Self::Long(j) => jvalue { j },
            Self::Object(object) => jvalue { l: object.map_or(ptr::null_mut(), Object::raw) },
        }
    }
}

/// What a descriptor says, one letter a type; `[` counts as `L`.
#[derive(Debug)]
pub(crate) struct Shape {
    pub(crate) name: String,
    descriptor: String,
    parameters: Vec<u8>,
    result: u8,
}

impl Shape {
    pub(crate) fn new(name: &str, descriptor: &str) -> Self {
        let (inside, result) =
            descriptor.trim_start_matches('(').split_once(')').unwrap_or(("", "V"));
        let mut parameters = Vec::new();
        let mut letters = inside.bytes();
        while let Some(mut letter) = letters.next() {
            let is_array = letter == b'[';
            while letter == b'[' {
                letter = letters.next().unwrap_or(b'V');
            }
            if letter == b'L' {
                letters.by_ref().find(|&l| l == b';');
            }
            parameters.push(if is_array { b'L' } else { letter });
        }
        let result = result.bytes().next().map_or(b'V', |l| if l == b'[' { b'L' } else { l });
        Self { name: name.to_owned(), descriptor: descriptor.to_owned(), parameters, result }
    }

    /// The arguments for the JVM, if they and the result are what the descriptor says.
    pub(crate) fn arguments(
        &self,
        result: u8,
        given: &[Value<'_>],
    ) -> Result<Vec<jvalue>, JvmError> {
        let fits = self.result == result
            && self.parameters.iter().copied().eq(given.iter().map(|value| value.kind()));
        if !fits {
            let (method, descriptor) = (self.name.clone(), self.descriptor.clone());
            return Err(JvmError::Signature { method, descriptor });
        }
        Ok(given.iter().map(|value| value.raw()).collect())
    }
}

/// A static method of a class.
#[derive(Debug)]
pub struct StaticMethod {
    pub(crate) class: GlobalRef,
    pub(crate) id: jmethodID,
    pub(crate) shape: Shape,
}

/// An instance method, called virtually.
#[derive(Debug)]
pub struct Method {
    pub(crate) class: GlobalRef,
    pub(crate) id: jmethodID,
    pub(crate) shape: Shape,
}

// SAFETY: method ids are valid on every thread as long as the class lives, which `class` ensures.
unsafe impl Send for StaticMethod {}
// SAFETY: as above.
unsafe impl Sync for StaticMethod {}
// SAFETY: as above.
unsafe impl Send for Method {}
// SAFETY: as above.
unsafe impl Sync for Method {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_must_be_those_of_the_descriptor() {
        let shape = Shape::new("m", "(I[[JLjava/lang/String;J)[J");
        assert_eq!(shape.parameters, b"ILLJ");
        let given = [Value::Int(1), Value::Object(None), Value::Object(None), Value::Long(2)];
        assert_eq!(shape.arguments(b'L', &given).unwrap().len(), 4);
        assert!(shape.arguments(b'I', &given).is_err());
        assert!(shape.arguments(b'L', &given[1..]).is_err());
        assert_eq!(Shape::new("m", "()V").arguments(b'V', &[]).unwrap().len(), 0);
    }
}
