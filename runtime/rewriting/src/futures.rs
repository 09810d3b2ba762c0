//! Static methods of `CompletableFuture` that hand work to threads or put futures together: on a worker
//! the threads and mostly the futures are home's, so the runtime has them called there. Which methods;
//! the calling is the runtime's. Instance methods need nothing: stand-ins have them.

use beehive_classfile::{ClassFileError, Constants, MemberRef, StaticMethod};

use crate::hooks::FUTURES;

const OWNER: &str = "java/util/concurrent/CompletableFuture";

/// Name and descriptor; the twins in the runtime have the same.
const METHODS: [(&str, &str); 6] = [
    ("supplyAsync", "(Ljava/util/function/Supplier;)Ljava/util/concurrent/CompletableFuture;"),
    (
        "supplyAsync",
        "(Ljava/util/function/Supplier;Ljava/util/concurrent/Executor;)\
         Ljava/util/concurrent/CompletableFuture;",
    ),
    ("runAsync", "(Ljava/lang/Runnable;)Ljava/util/concurrent/CompletableFuture;"),
    (
        "runAsync",
        "(Ljava/lang/Runnable;Ljava/util/concurrent/Executor;)\
         Ljava/util/concurrent/CompletableFuture;",
    ),
    (
        "allOf",
        "([Ljava/util/concurrent/CompletableFuture;)Ljava/util/concurrent/CompletableFuture;",
    ),
    (
        "anyOf",
        "([Ljava/util/concurrent/CompletableFuture;)Ljava/util/concurrent/CompletableFuture;",
    ),
];

/// The declared constants, in the order of [`METHODS`].
#[derive(Debug, Clone)]
pub(crate) struct FutureCode {
    twins: Vec<StaticMethod>,
}

impl FutureCode {
    pub(crate) fn declare(constants: &mut Constants) -> Result<Self, ClassFileError> {
        let twins = METHODS
            .iter()
            .map(|(name, descriptor)| constants.static_method(FUTURES, name, descriptor))
            .collect::<Result<_, _>>()?;
        Ok(Self { twins })
    }

    /// The twin that a static method is redirected to.
    pub(crate) fn twin_of(&self, method: MemberRef<'_>) -> Option<StaticMethod> {
        if method.owner != OWNER {
            return None;
        }
        let mut rows = METHODS.iter().zip(&self.twins);
        rows.find(|((name, descriptor), _)| {
            method.name == *name && method.descriptor == *descriptor
        })
        .map(|(_, twin)| *twin)
    }
}
