//! The rewriters of this JVM: one for each thread that loads classes at a time, so that none waits
//! for another. Knows which classes are worth a look without taking them apart.

use std::sync::{Mutex, MutexGuard, PoisonError};

use beehive_classfile::ClassFileError;
use beehive_rewriting::ServerRewriter;

use crate::error::AgentError;

/// What a class with a lambda names in its constants.
const LAMBDA_MARK: &[u8] = b"java/lang/invoke/LambdaMetafactory";

/// Locks, also when another holder panicked: what is kept stays meaningful after that.
pub(crate) fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Rewriters for loading threads.
#[derive(Debug)]
pub(crate) struct Rewriters {
    first: ServerRewriter,
    idle: Mutex<Vec<ServerRewriter>>,
    /// Internal names of the classes with a root.
    root_classes: Vec<String>,
}

impl Rewriters {
    pub(crate) fn new(roots: &[(i32, beehive_rewriting::Root)]) -> Result<Self, AgentError> {
        let root_classes = roots.iter().map(|(_, root)| root.class.clone()).collect();
        let first = ServerRewriter::new(roots.iter().cloned())?;
        Ok(Self { first, idle: Mutex::default(), root_classes })
    }

    /// New bytes of the class called `name`, `None` when it stays as it is.
    pub(crate) fn rewrite(
        &self,
        name: &[u8],
        bytes: &[u8],
    ) -> Result<Option<Vec<u8>>, ClassFileError> {
        let has_root = self.root_classes.iter().any(|class| class.as_bytes() == name);
        if !has_root && !contains(bytes, LAMBDA_MARK) {
            return Ok(None);
        }
        let mut rewriter = lock(&self.idle).pop().unwrap_or_else(|| self.first.clone());
        let new = rewriter.rewrite(bytes).map(|new| new.map(<[u8]>::to_vec));
        lock(&self.idle).push(rewriter);
        new
    }
}

fn contains(bytes: &[u8], mark: &[u8]) -> bool {
    bytes.windows(mark.len()).any(|window| window == mark)
}
