//! `Jvmti`: our JVMTI environment, usable from every thread. Memory the JVM allocates for an answer is
//! copied and given back at once.

use jvmti_bindings::sys::jni::jobject;
use jvmti_bindings::sys::jvmti::{
    JVMTI_CLASS_STATUS_PREPARED, JVMTI_DISABLE, JVMTI_ENABLE, JVMTI_ERROR_NONE, jvmtiEnv,
    jvmtiError, jvmtiInterface_1_, version_feature,
};
use std::ffi::{CStr, CString, c_char, c_void};
use std::ptr;

use crate::Jni;
use crate::capability::Capabilities;
use crate::error::JvmError;
use crate::events::{Event, Events, call_agent_thread, callbacks, set_agent};
use crate::object::Object;

/// The method of a frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FrameMethod {
    /// Signature of its class, `Lcom/acme/Shop;`.
    pub class: String,
    /// Its name.
    pub name: String,
    /// Its descriptor.
    pub descriptor: String,
}

/// Our JVMTI environment.
#[derive(Debug, Clone, Copy)]
pub struct Jvmti(*mut jvmtiEnv);

// SAFETY: a JVMTI environment may be used from every thread (JVMTI, "Environments").
unsafe impl Send for Jvmti {}
// SAFETY: as above.
unsafe impl Sync for Jvmti {}

/// Calls a function of the table and turns its error into ours.
macro_rules! jvmti {
    ($self:expr, $name:ident $(, $argument:expr)*) => {{
        let call = stringify!($name);
        let function = $self.table().$name.ok_or(JvmError::Missing { call })?;
        // SAFETY: the environment is live; each caller passes live references, out pointers to
        // locals of its own and buffers with their length.
        checked(call, unsafe { function($self.0 $(, $argument)*) })
    }};
}

fn checked(call: &'static str, error: jvmtiError) -> Result<(), JvmError> {
    if error == JVMTI_ERROR_NONE {
        return Ok(());
    }
    let name = jvmti_bindings::sys::jvmti::error_name(error);
    Err(JvmError::Jvmti { call, name, code: error.raw() })
}

impl Jvmti {
    /// # Safety
    /// `raw` is a live environment; it is never disposed of.
    pub(crate) unsafe fn from_raw(raw: *mut jvmtiEnv) -> Self {
        Self(raw)
    }

    fn table(&self) -> &jvmtiInterface_1_ {
        // SAFETY: the environment is live by the contract of from_raw; its table never moves.
        unsafe { &*(*self.0).functions }
    }

    /// Feature release of the JDK, e.g. 17.
    ///
    /// # Errors
    /// What JVMTI says.
    pub fn feature(&self) -> Result<u16, JvmError> {
        let mut version = 0;
        jvmti!(self, GetVersionNumber, &raw mut version)?;
        Ok(version_feature(version))
    }

    /// A property of the VM; before initialisation only some (`java.vm.version`, `java.vm.name`, …).
    ///
    /// # Errors
    /// What JVMTI says, e.g. when there is no such property.
    pub fn system_property(&self, name: &str) -> Result<String, JvmError> {
        let c_name =
            CString::new(name).map_err(|_| JvmError::ZeroByte { text: name.to_owned() })?;
        let mut value = ptr::null_mut();
        jvmti!(self, GetSystemProperty, c_name.as_ptr(), &raw mut value)?;
        self.take_text(value)
    }

    /// Processors the JVM may use.
    ///
    /// # Errors
    /// What JVMTI says.
    pub fn available_processors(&self) -> Result<u32, JvmError> {
        let mut count = 0;
        jvmti!(self, GetAvailableProcessors, &raw mut count)?;
        Ok(count.max(0) as u32)
    }

    /// Asks for capabilities.
    ///
    /// # Errors
    /// `NOT_AVAILABLE` when another agent holds one of them or the VM has it not.
    pub fn add_capabilities(&self, capabilities: Capabilities) -> Result<(), JvmError> {
        let raw = capabilities.raw();
        jvmti!(self, AddCapabilities, &raw const raw)
    }

    /// Makes `agent` the receiver of all events. The agent before it, if any, gets none any more.
    ///
    /// # Errors
    /// What JVMTI says.
    pub fn set_agent(&self, agent: &'static dyn Events) -> Result<(), JvmError> {
        set_agent(agent);
        let callbacks = callbacks();
        let size = size_of_val(&callbacks) as i32;
        jvmti!(self, SetEventCallbacks, &raw const callbacks, size)
    }

    /// Switches an event on or off for all threads.
    ///
    /// # Errors
    /// `MUST_POSSESS_CAPABILITY` and the like.
    pub fn set_event(&self, event: Event, on: bool) -> Result<(), JvmError> {
        let mode = if on { JVMTI_ENABLE } else { JVMTI_DISABLE };
        let function = self.table().SetEventNotificationMode;
        let call = "SetEventNotificationMode";
        let function = function.ok_or(JvmError::Missing { call })?;
        // SAFETY: a null thread means all threads; the variadic tail is unused.
        checked(call, unsafe { function(self.0, mode, event.raw(), ptr::null_mut()) })
    }

    /// Starts `body` on a daemon thread that is hidden from the application's thread groups as far as
    /// the VM allows. `thread` is a fresh `java.lang.Thread`.
    ///
    /// # Errors
    /// What JVMTI says; `body` is dropped then.
    pub fn run_agent_thread(
        &self,
        thread: Object<'_>,
        body: impl FnOnce(Jni<'_>) + Send + 'static,
    ) -> Result<(), JvmError> {
        const NORMAL_PRIORITY: i32 = 5;
        let body: AgentThread = Box::new(body);
        let argument = Box::into_raw(Box::new(body));
        let start = call_agent_thread;
        let (thread, data) = (thread.raw(), argument.cast::<c_void>().cast_const());
        let started = jvmti!(self, RunAgentThread, thread, Some(start), data, NORMAL_PRIORITY);
        if started.is_err() {
            // SAFETY: the thread did not start, so the box is still ours.
            drop(unsafe { Box::from_raw(argument) });
        }
        started
    }

    /// Puts a jar behind the boot class path.
    ///
    /// # Errors
    /// What JVMTI says, e.g. when the path is no jar and Java code can run already.
    pub fn add_to_boot_class_path(&self, jar: &str) -> Result<(), JvmError> {
        let path = CString::new(jar).map_err(|_| JvmError::ZeroByte { text: jar.to_owned() })?;
        jvmti!(self, AddToBootstrapClassLoaderSearch, path.as_ptr())
    }

    /// Exports and opens a package of a module of the boot loader (`jdk.internal.misc`, with dots)
    /// to the module of `class`.
    ///
    /// # Errors
    /// What JVMTI says, e.g. when no such module has the package.
    pub fn open_package(
        &self,
        jni: &Jni<'_>,
        package: &str,
        class: Object<'_>,
    ) -> Result<(), JvmError> {
        let zero = |_| JvmError::ZeroByte { text: package.to_owned() };
        let internal = CString::new(package.replace('.', "/")).map_err(zero)?;
        let dotted = CString::new(package).map_err(zero)?;
        let mut module = ptr::null_mut();
        jvmti!(self, GetNamedModule, ptr::null_mut(), internal.as_ptr(), &raw mut module)?;
        let missing = JvmError::Jni { call: "GetNamedModule", code: 0 };
        // SAFETY: the VM gave a local reference of the calling thread's frame, or null.
        let module = unsafe { Object::from_raw(module) }.ok_or(missing)?;
        let to = jni.module_of(class)?;
        jvmti!(self, AddModuleExports, module.raw(), dotted.as_ptr(), to.raw())?;
        jvmti!(self, AddModuleOpens, module.raw(), dotted.as_ptr(), to.raw())
    }

    /// The loader of a class, `None` for the boot loader.
    ///
    /// # Errors
    /// What JVMTI says.
    pub fn class_loader<'f>(
        &self,
        _jni: &Jni<'f>,
        class: Object<'_>,
    ) -> Result<Option<Object<'f>>, JvmError> {
        let mut loader = ptr::null_mut();
        jvmti!(self, GetClassLoader, class.raw(), &raw mut loader)?;
        // SAFETY: the VM gave a local reference of the calling thread's frame, or null.
        Ok(unsafe { Object::from_raw(loader) })
    }

    /// All loaded classes, as local references of `jni`.
    ///
    /// # Errors
    /// What JVMTI says.
    pub fn loaded_classes<'f>(&self, jni: &Jni<'f>) -> Result<Vec<Object<'f>>, JvmError> {
        let (mut count, mut classes) = (0, ptr::null_mut::<jobject>());
        jvmti!(self, GetLoadedClasses, &raw mut count, &raw mut classes)?;
        // Some for those that look at each of them.
        jni.expect_references(count.saturating_add(64));
        self.take_objects(count, classes)
    }

    /// Signature of a class, e.g. `Ljava/lang/String;` (modified UTF-8, invalid parts replaced).
    ///
    /// # Errors
    /// What JVMTI says.
    pub fn class_signature(&self, class: Object<'_>) -> Result<String, JvmError> {
        let mut signature = ptr::null_mut();
        let none = ptr::null_mut();
        jvmti!(self, GetClassSignature, class.raw(), &raw mut signature, none)?;
        self.take_text(signature)
    }

    /// Interfaces that a class names itself, as local references of `jni`.
    ///
    /// # Errors
    /// What JVMTI says.
    pub fn interfaces<'f>(
        &self,
        _jni: &Jni<'f>,
        class: Object<'_>,
    ) -> Result<Vec<Object<'f>>, JvmError> {
        let (mut count, mut classes) = (0, ptr::null_mut::<jobject>());
        let class = class.raw();
        jvmti!(self, GetImplementedInterfaces, class, &raw mut count, &raw mut classes)?;
        self.take_objects(count, classes)
    }

    /// Whether a class is linked so far that it can be retransformed.
    ///
    /// # Errors
    /// What JVMTI says.
    pub fn is_prepared(&self, class: Object<'_>) -> Result<bool, JvmError> {
        let mut status = 0;
        jvmti!(self, GetClassStatus, class.raw(), &raw mut status)?;
        Ok(status & JVMTI_CLASS_STATUS_PREPARED != 0)
    }

    /// Whether a class may be changed at all (hidden classes may not).
    ///
    /// # Errors
    /// What JVMTI says.
    pub fn is_modifiable(&self, class: Object<'_>) -> Result<bool, JvmError> {
        let mut modifiable = 0;
        jvmti!(self, IsModifiableClass, class.raw(), &raw mut modifiable)?;
        Ok(modifiable != 0)
    }

    /// Sends loaded classes through the class-file hook again. All or nothing.
    ///
    /// # Errors
    /// What JVMTI says about the first class that cannot.
    pub fn retransform(&self, classes: &[Object<'_>]) -> Result<(), JvmError> {
        let raw: Vec<jobject> = classes.iter().map(|class| class.raw()).collect();
        jvmti!(self, RetransformClasses, raw.len() as i32, raw.as_ptr())
    }

    /// The identity hash code of an object.
    ///
    /// # Errors
    /// What JVMTI says.
    pub fn object_hash(&self, object: Object<'_>) -> Result<i32, JvmError> {
        let mut hash = 0;
        jvmti!(self, GetObjectHashCode, object.raw(), &raw mut hash)?;
        Ok(hash)
    }

    /// The method the current thread is in, the innermost frame.
    ///
    /// # Errors
    /// What JVMTI says, e.g. when no Java frame is there.
    pub fn innermost_frame(&self, _jni: &Jni<'_>) -> Result<FrameMethod, JvmError> {
        let (mut method, mut location) = (ptr::null_mut(), 0);
        let current = ptr::null_mut();
        jvmti!(self, GetFrameLocation, current, 0, &raw mut method, &raw mut location)?;
        let mut class = ptr::null_mut();
        jvmti!(self, GetMethodDeclaringClass, method, &raw mut class)?;
        // SAFETY: the VM gave a local reference of the calling thread's frame.
        let class = unsafe { Object::from_raw(class) };
        let class = class.ok_or(JvmError::Jni { call: "GetMethodDeclaringClass", code: 0 })?;
        let (mut name, mut descriptor) = (ptr::null_mut(), ptr::null_mut());
        let none = ptr::null_mut();
        jvmti!(self, GetMethodName, method, &raw mut name, &raw mut descriptor, none)?;
        Ok(FrameMethod {
            class: self.class_signature(class)?,
            name: self.take_text(name)?,
            descriptor: self.take_text(descriptor)?,
        })
    }

    /// A copy of `bytes` in the JVM's own memory, for an answer the JVM will free.
    pub(crate) fn allocate_copy(&self, bytes: &[u8]) -> Result<*mut u8, JvmError> {
        let mut memory = ptr::null_mut();
        jvmti!(self, Allocate, bytes.len() as i64, &raw mut memory)?;
        // SAFETY: the VM gave `bytes.len()` bytes that do not overlap ours.
        unsafe { ptr::copy_nonoverlapping(bytes.as_ptr(), memory, bytes.len()) };
        Ok(memory)
    }

    fn take_objects<'f>(
        &self,
        count: i32,
        objects: *mut jobject,
    ) -> Result<Vec<Object<'f>>, JvmError> {
        let taken = (0..count.max(0) as usize)
            // SAFETY: the VM filled `count` local references of the calling thread's frame.
            .filter_map(|index| unsafe { Object::from_raw(*objects.add(index)) })
            .collect();
        self.deallocate(objects.cast())?;
        Ok(taken)
    }

    fn take_text(&self, text: *mut c_char) -> Result<String, JvmError> {
        // SAFETY: the VM gave a zero-terminated text, ours until deallocated.
        let copy = unsafe { CStr::from_ptr(text) }.to_string_lossy().into_owned();
        self.deallocate(text.cast())?;
        Ok(copy)
    }

    fn deallocate(&self, memory: *mut u8) -> Result<(), JvmError> {
        jvmti!(self, Deallocate, memory)
    }
}

/// What an agent thread runs.
pub(crate) type AgentThread = Box<dyn FnOnce(Jni<'_>) + Send>;
