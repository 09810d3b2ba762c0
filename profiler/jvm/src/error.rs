//! The crate's one error enum: what the JVM refused, by the name of the call.

/// A call into the JVM that failed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum JvmError {
    /// A JVMTI function returned an error.
    #[error("JVMTI {call} failed: {name} ({code})")]
    Jvmti {
        /// The function.
        call: &'static str,
        /// Name of the error, e.g. `INVALID_CLASS`.
        name: &'static str,
        /// Number of the error.
        code: i32,
    },
    /// A function is missing from the JVM's table.
    #[error("this JVM has no {call}")]
    Missing {
        /// The function.
        call: &'static str,
    },
    /// A JNI function failed without an exception.
    #[error("JNI {call} failed with {code}")]
    Jni {
        /// The function.
        call: &'static str,
        /// What it returned; 0 for a null pointer.
        code: i32,
    },
    /// Java code threw; the exception was cleared.
    #[error("{call} threw an exception")]
    Exception {
        /// Method or function called.
        call: String,
    },
    /// A method was called with arguments or a result its descriptor does not have.
    #[error("{method}{descriptor} called with other arguments or result type")]
    Signature {
        /// Name of the method.
        method: String,
        /// Its descriptor.
        descriptor: String,
    },
    /// A name holds a zero byte.
    #[error("{text:?} cannot be handed to the JVM: it holds a zero byte")]
    ZeroByte {
        /// The text.
        text: String,
    },
}
