//! References to Java objects: local ones live as long as the frame of their environment, global and
//! weak ones until they are released.

use jvmti_bindings::sys::jni::jobject;
use std::marker::PhantomData;
use std::ptr;

use crate::Jni;

/// A local reference, never null, valid within the frame `'f`.
#[derive(Debug, Clone, Copy)]
pub struct Object<'f> {
    raw: jobject,
    frame: PhantomData<(&'f (), *mut ())>,
}

impl Object<'_> {
    /// # Safety
    /// `raw` is null or a reference that lives at least as long as `'f` on this thread.
    pub(crate) unsafe fn from_raw(raw: jobject) -> Option<Self> {
        (!raw.is_null()).then_some(Self { raw, frame: PhantomData })
    }

    pub(crate) fn raw(self) -> jobject {
        self.raw
    }
}

/// A reference that keeps its object alive and may go to other threads. It is never released: the
/// agents hold a handful of classes for the life of the JVM.
#[derive(Debug)]
pub struct GlobalRef(jobject);

// SAFETY: global references are valid on every thread (JNI, "Global and Local References").
unsafe impl Send for GlobalRef {}
// SAFETY: as above.
unsafe impl Sync for GlobalRef {}

impl GlobalRef {
    /// # Safety
    /// `raw` is a non-null global reference that nobody else releases.
    pub(crate) unsafe fn from_raw(raw: jobject) -> Self {
        Self(raw)
    }

    /// The object, for use with an environment of the calling thread.
    pub fn object<'f>(&'f self, _jni: &Jni<'f>) -> Object<'f> {
        Object { raw: self.0, frame: PhantomData }
    }

    pub(crate) fn raw(&self) -> jobject {
        self.0
    }
}

/// A reference that does not keep its object alive.
#[derive(Debug)]
pub struct WeakRef(jobject);

// SAFETY: weak global references are valid on every thread.
unsafe impl Send for WeakRef {}
// SAFETY: as above.
unsafe impl Sync for WeakRef {}

impl WeakRef {
    /// # Safety
    /// `raw` is a non-null weak global reference that nobody else releases.
    pub(crate) unsafe fn from_raw(raw: jobject) -> Self {
        Self(raw)
    }

    pub(crate) fn raw(&self) -> jobject {
        self.0
    }

    /// Forgets the object; the reference must not be used after that, so it is consumed.
    pub fn release(mut self, jni: &Jni<'_>) {
        jni.delete_weak(std::mem::replace(&mut self.0, ptr::null_mut()));
    }
}
