//! `Jni`: the environment of one thread, safe to call. After each call that may run Java code a pending
//! exception is cleared and told as an error: nothing of an agent may surface in the application.

use jvmti_bindings::sys::jni::{JNIEnv, JNINativeInterface_, jobject};
use std::ffi::CString;
use std::marker::PhantomData;
use std::ptr;

use crate::error::JvmError;
use crate::method::{Method, Shape, StaticMethod, Value};
use crate::object::{GlobalRef, Object, WeakRef};

/// JNI of the current thread; objects it gives live as long as `'f`.
#[derive(Debug)]
pub struct Jni<'f> {
    env: *mut JNIEnv,
    frame: PhantomData<&'f ()>,
}

impl<'f> Jni<'f> {
    /// # Safety
    /// `env` is the environment of the calling thread, valid as long as `'f`.
    pub(crate) unsafe fn from_raw(env: *mut JNIEnv) -> Self {
        Self { env, frame: PhantomData }
    }

    fn table(&self) -> &JNINativeInterface_ {
        // SAFETY: the environment is live by the contract of from_raw; its table never moves.
        unsafe { &**self.env }
    }

    /// Wraps what a JNI function gave in this frame.
    fn object(raw: jobject) -> Option<Object<'f>> {
        // SAFETY: callers pass local references made in this frame.
        unsafe { Object::from_raw(raw) }
    }

    /// Clears a pending exception; true if there was one.
    pub fn clear_exception(&self) -> bool {
        // SAFETY: both functions may be called with an exception pending.
        unsafe {
            let pending = (self.table().ExceptionCheck)(self.env) != 0;
            if pending {
                (self.table().ExceptionClear)(self.env);
            }
            pending
        }
    }

    fn check(&self, call: &str) -> Result<(), JvmError> {
        if self.clear_exception() {
            return Err(JvmError::Exception { call: call.to_owned() });
        }
        Ok(())
    }

    fn non_null(&self, raw: jobject, call: &'static str) -> Result<Object<'f>, JvmError> {
        self.check(call)?;
        Self::object(raw).ok_or(JvmError::Jni { call, code: 0 })
    }

    /// Defines a class in the boot loader; `name` is internal (`java/lang/X`).
    ///
    /// # Errors
    /// [`JvmError::Exception`], e.g. when the class is there already.
    pub fn define_boot_class(&self, name: &str, bytes: &[u8]) -> Result<Object<'f>, JvmError> {
        let name = c_text(name)?;
        let length = bytes.len() as i32;
        let data = bytes.as_ptr().cast();
        // SAFETY: name is zero-terminated, data and length describe a live slice.
        let raw = unsafe {
            (self.table().DefineClass)(self.env, name.as_ptr(), ptr::null_mut(), data, length)
        };
        self.non_null(raw, "DefineClass")
    }

    /// Finds a class by its internal name, through the system loader.
    ///
    /// # Errors
    /// [`JvmError::Exception`] if there is none.
    pub fn find_class(&self, name: &str) -> Result<Object<'f>, JvmError> {
        let name = c_text(name)?;
        // SAFETY: name is zero-terminated.
        let raw = unsafe { (self.table().FindClass)(self.env, name.as_ptr()) };
        self.non_null(raw, "FindClass")
    }

    /// A reference valid on all threads.
    ///
    /// # Errors
    /// [`JvmError::Jni`] when the JVM is out of memory.
    pub fn global(&self, object: Object<'_>) -> Result<GlobalRef, JvmError> {
        // SAFETY: object is live.
        let raw = unsafe { (self.table().NewGlobalRef)(self.env, object.raw()) };
        let raw = self.non_null(raw, "NewGlobalRef")?.raw();
        // SAFETY: just made, owned by nobody else.
        Ok(unsafe { GlobalRef::from_raw(raw) })
    }

    /// A reference valid on all threads that does not keep the object alive.
    ///
    /// # Errors
    /// [`JvmError::Jni`] when the JVM is out of memory.
    pub fn weak(&self, object: Object<'_>) -> Result<WeakRef, JvmError> {
        // SAFETY: object is live.
        let raw = unsafe { (self.table().NewWeakGlobalRef)(self.env, object.raw()) };
        let raw = self.non_null(raw, "NewWeakGlobalRef")?.raw();
        // SAFETY: just made, owned by nobody else.
        Ok(unsafe { WeakRef::from_raw(raw) })
    }

    pub(crate) fn delete_weak(&self, raw: jobject) {
        // SAFETY: raw is a weak reference that its owner gave up.
        unsafe { (self.table().DeleteWeakGlobalRef)(self.env, raw) }
    }

    /// Whether `weak` still refers to `object`.
    pub fn is_same(&self, weak: &WeakRef, object: Object<'_>) -> bool {
        // SAFETY: both references are live; a cleared weak reference equals only null.
        unsafe { (self.table().IsSameObject)(self.env, weak.raw(), object.raw()) != 0 }
    }

    /// Whether the object of `weak` has been collected.
    pub fn is_cleared(&self, weak: &WeakRef) -> bool {
        // SAFETY: the reference is live; null is allowed.
        unsafe { (self.table().IsSameObject)(self.env, weak.raw(), ptr::null_mut()) != 0 }
    }

    /// The object of `weak`, `None` if it has been collected.
    pub fn strong(&self, weak: &WeakRef) -> Option<Object<'f>> {
        // SAFETY: the reference is live.
        Self::object(unsafe { (self.table().NewLocalRef)(self.env, weak.raw()) })
    }

    /// The class of an object.
    pub fn class_of(&self, object: Object<'_>) -> Option<Object<'f>> {
        // SAFETY: object is live and not null.
        Self::object(unsafe { (self.table().GetObjectClass)(self.env, object.raw()) })
    }

    /// The superclass of a class; `None` for interfaces and `Object`.
    pub fn superclass(&self, class: Object<'_>) -> Option<Object<'f>> {
        // SAFETY: class is a live class.
        Self::object(unsafe { (self.table().GetSuperclass)(self.env, class.raw()) })
    }

    /// The module of a class.
    pub(crate) fn module_of(&self, class: Object<'_>) -> Result<Object<'f>, JvmError> {
        // SAFETY: class is a live class; every JDK from 9 on has the function.
        let raw = unsafe { (self.table().GetModule)(self.env, class.raw()) };
        self.non_null(raw, "GetModule")
    }

    /// Whether two references refer to one object.
    pub fn are_same(&self, a: Object<'_>, b: Object<'_>) -> bool {
        // SAFETY: both references are live.
        unsafe { (self.table().IsSameObject)(self.env, a.raw(), b.raw()) != 0 }
    }

    /// A new `byte[]`.
    ///
    /// # Errors
    /// An exception when the heap is full.
    pub fn new_bytes(&self, bytes: &[u8]) -> Result<Object<'f>, JvmError> {
        let length = bytes.len() as i32;
        // SAFETY: any length is allowed; the JVM throws when it has no room.
        let raw = unsafe { (self.table().NewByteArray)(self.env, length) };
        let array = self.non_null(raw, "NewByteArray")?;
        // SAFETY: the array was made with this length.
        unsafe {
            let data = bytes.as_ptr().cast();
            (self.table().SetByteArrayRegion)(self.env, array.raw(), 0, length, data);
        }
        self.check("SetByteArrayRegion")?;
        Ok(array)
    }

    /// Runs `body` in a frame of its own, whose local references are released behind it.
    ///
    /// # Errors
    /// [`JvmError::Jni`] if the JVM cannot make the frame.
    pub fn with_frame<R>(&self, body: impl for<'g> FnOnce(&Jni<'g>) -> R) -> Result<R, JvmError> {
        // SAFETY: the frame is popped below on every path out, panics included.
        let code = unsafe { (self.table().PushLocalFrame)(self.env, 64) };
        if code != 0 {
            self.clear_exception();
            return Err(JvmError::Jni { call: "PushLocalFrame", code });
        }
        let _pop = PopFrame(self);
        Ok(body(&Jni { env: self.env, frame: PhantomData }))
    }

    /// Says that the frame will hold so many more references. The VM grows it by itself anyway; said
    /// beforehand, a JVM that checks JNI does not warn.
    pub(crate) fn expect_references(&self, count: i32) {
        // SAFETY: any capacity may be asked for; a refusal is an exception, which is cleared.
        let refused = unsafe { (self.table().EnsureLocalCapacity)(self.env, count) != 0 };
        if refused {
            self.clear_exception();
        }
    }

    /// Looks a static method up.
    ///
    /// # Errors
    /// [`JvmError::Exception`] if the class has none such.
    pub fn static_method(
        &self,
        class: Object<'_>,
        name: &str,
        descriptor: &str,
    ) -> Result<StaticMethod, JvmError> {
        let (c_name, c_descriptor) = (c_text(name)?, c_text(descriptor)?);
        // SAFETY: class is a live class, both texts are zero-terminated.
        let id = unsafe {
            let (name, descriptor) = (c_name.as_ptr(), c_descriptor.as_ptr());
            (self.table().GetStaticMethodID)(self.env, class.raw(), name, descriptor)
        };
        self.check(name)?;
        Ok(StaticMethod { class: self.global(class)?, id, shape: Shape::new(name, descriptor) })
    }

    /// Looks an instance method up.
    ///
    /// # Errors
    /// [`JvmError::Exception`] if the class has none such.
    pub fn method(
        &self,
        class: Object<'_>,
        name: &str,
        descriptor: &str,
    ) -> Result<Method, JvmError> {
        let (c_name, c_descriptor) = (c_text(name)?, c_text(descriptor)?);
        // SAFETY: class is a live class, both texts are zero-terminated.
        let id = unsafe {
            let (name, descriptor) = (c_name.as_ptr(), c_descriptor.as_ptr());
            (self.table().GetMethodID)(self.env, class.raw(), name, descriptor)
        };
        self.check(name)?;
        Ok(Method { class: self.global(class)?, id, shape: Shape::new(name, descriptor) })
    }

    /// Calls a static method without result.
    ///
    /// # Errors
    /// What it threw, or a call that its descriptor does not allow.
    pub fn call_static_void(&self, m: &StaticMethod, args: &[Value<'_>]) -> Result<(), JvmError> {
        let args = m.shape.arguments(b'V', args)?;
        // SAFETY: the id belongs to the class, the arguments fit its descriptor.
        unsafe {
            (self.table().CallStaticVoidMethodA)(self.env, m.class.raw(), m.id, args.as_ptr());
        }
        self.check(&m.shape.name)
    }

    /// Calls a static method that gives an `int`.
    ///
    /// # Errors
    /// As [`call_static_void`](Self::call_static_void).
    pub fn call_static_int(&self, m: &StaticMethod, args: &[Value<'_>]) -> Result<i32, JvmError> {
        let args = m.shape.arguments(b'I', args)?;
        // SAFETY: the id belongs to the class, the arguments fit its descriptor.
        let result = unsafe {
            (self.table().CallStaticIntMethodA)(self.env, m.class.raw(), m.id, args.as_ptr())
        };
        self.check(&m.shape.name)?;
        Ok(result)
    }

    /// Calls a static method that gives a `long`.
    ///
    /// # Errors
    /// As [`call_static_void`](Self::call_static_void).
    pub fn call_static_long(&self, m: &StaticMethod, args: &[Value<'_>]) -> Result<i64, JvmError> {
        let args = m.shape.arguments(b'J', args)?;
        // SAFETY: the id belongs to the class, the arguments fit its descriptor.
        let result = unsafe {
            (self.table().CallStaticLongMethodA)(self.env, m.class.raw(), m.id, args.as_ptr())
        };
        self.check(&m.shape.name)?;
        Ok(result)
    }

    /// Calls a static method that gives an object.
    ///
    /// # Errors
    /// As [`call_static_void`](Self::call_static_void).
    pub fn call_static_object(
        &self,
        m: &StaticMethod,
        args: &[Value<'_>],
    ) -> Result<Option<Object<'f>>, JvmError> {
        let args = m.shape.arguments(b'L', args)?;
        // SAFETY: the id belongs to the class, the arguments fit its descriptor.
        let raw = unsafe {
            (self.table().CallStaticObjectMethodA)(self.env, m.class.raw(), m.id, args.as_ptr())
        };
        self.check(&m.shape.name)?;
        Ok(Self::object(raw))
    }

    /// Calls an instance method that gives an object.
    ///
    /// # Errors
    /// As [`call_static_void`](Self::call_static_void), and for an object of another class.
    pub fn call_object(
        &self,
        object: Object<'_>,
        m: &Method,
        args: &[Value<'_>],
    ) -> Result<Option<Object<'f>>, JvmError> {
        let args = m.shape.arguments(b'L', args)?;
        self.expect_instance(object, m)?;
        // SAFETY: the object has the method, the arguments fit its descriptor.
        let raw = unsafe {
            (self.table().CallObjectMethodA)(self.env, object.raw(), m.id, args.as_ptr())
        };
        self.check(&m.shape.name)?;
        Ok(Self::object(raw))
    }

    /// Calls an instance method without result.
    ///
    /// # Errors
    /// As [`call_object`](Self::call_object).
    pub fn call_void(
        &self,
        object: Object<'_>,
        m: &Method,
        args: &[Value<'_>],
    ) -> Result<(), JvmError> {
        let args = m.shape.arguments(b'V', args)?;
        self.expect_instance(object, m)?;
        // SAFETY: the object has the method, the arguments fit its descriptor.
        unsafe { (self.table().CallVoidMethodA)(self.env, object.raw(), m.id, args.as_ptr()) };
        self.check(&m.shape.name)
    }

    /// That an object has a method.
    fn expect_instance(&self, object: Object<'_>, m: &Method) -> Result<(), JvmError> {
        // SAFETY: both references are live.
        let is_instance =
            unsafe { (self.table().IsInstanceOf)(self.env, object.raw(), m.class.raw()) };
        if is_instance == 0 { Err(JvmError::Jni { call: "IsInstanceOf", code: 0 }) } else { Ok(()) }
    }

    /// Makes an object; `constructor` is an `<init>` method.
    ///
    /// # Errors
    /// What the constructor threw, or a call that its descriptor does not allow.
    pub fn new_object(
        &self,
        constructor: &Method,
        args: &[Value<'_>],
    ) -> Result<Object<'f>, JvmError> {
        let args = constructor.shape.arguments(b'V', args)?;
        let (class, id) = (constructor.class.raw(), constructor.id);
        // SAFETY: the id is a constructor of the class, the arguments fit its descriptor.
        let raw = unsafe { (self.table().NewObjectA)(self.env, class, id, args.as_ptr()) };
        self.non_null(raw, "NewObject")
    }

    /// A Java string.
    ///
    /// # Errors
    /// [`JvmError::ZeroByte`], or an exception when the heap is full.
    pub fn new_string(&self, text: &str) -> Result<Object<'f>, JvmError> {
        let text = c_text(text)?;
        // SAFETY: text is zero-terminated.
        let raw = unsafe { (self.table().NewStringUTF)(self.env, text.as_ptr()) };
        self.non_null(raw, "NewStringUTF")
    }

    /// The text of a `java.lang.String`; unpaired surrogates become U+FFFD.
    ///
    /// # Errors
    /// [`JvmError::Jni`] if the object is no string.
    pub fn string(&self, string: Object<'_>) -> Result<String, JvmError> {
        self.expect_class(string, "java/lang/String", "GetStringLength")?;
        // SAFETY: string is a live java.lang.String.
        let length = unsafe { (self.table().GetStringLength)(self.env, string.raw()) };
        let mut units = vec![0u16; length.max(0) as usize];
        // SAFETY: the buffer has room for all `length` units.
        unsafe {
            let buffer = units.as_mut_ptr();
            (self.table().GetStringRegion)(self.env, string.raw(), 0, length, buffer);
        }
        self.check("GetStringRegion")?;
        Ok(String::from_utf16_lossy(&units))
    }

    /// The elements of a `long[]`.
    ///
    /// # Errors
    /// [`JvmError::Jni`] if the object is something else.
    pub fn longs(&self, array: Object<'_>) -> Result<Vec<i64>, JvmError> {
        self.expect_class(array, "[J", "GetLongArrayRegion")?;
        // SAFETY: array is a live long[].
        let length = unsafe { (self.table().GetArrayLength)(self.env, array.raw()) };
        let mut elements = vec![0i64; length.max(0) as usize];
        // SAFETY: the buffer has room for all `length` elements.
        unsafe {
            let buffer = elements.as_mut_ptr();
            (self.table().GetLongArrayRegion)(self.env, array.raw(), 0, length, buffer);
        }
        self.check("GetLongArrayRegion")?;
        Ok(elements)
    }

    /// Whether the object is an `int[]` without elements.
    pub fn is_empty_ints(&self, object: Object<'_>) -> bool {
        self.expect_class(object, "[I", "GetArrayLength").is_ok()
            // SAFETY: object is a live int[].
            && unsafe { (self.table().GetArrayLength)(self.env, object.raw()) } == 0
    }

    /// The elements of a `byte[]`.
    ///
    /// # Errors
    /// [`JvmError::Jni`] if the object is something else.
    pub fn bytes(&self, array: Object<'_>) -> Result<Vec<u8>, JvmError> {
        self.expect_class(array, "[B", "GetByteArrayRegion")?;
        // SAFETY: array is a live byte[].
        let length = unsafe { (self.table().GetArrayLength)(self.env, array.raw()) };
        let mut elements = vec![0u8; length.max(0) as usize];
        // SAFETY: the buffer has room for all `length` elements.
        unsafe {
            let buffer = elements.as_mut_ptr().cast();
            (self.table().GetByteArrayRegion)(self.env, array.raw(), 0, length, buffer);
        }
        self.check("GetByteArrayRegion")?;
        Ok(elements)
    }

    /// The texts of an `Object[]` of strings; elements that are none are left out.
    ///
    /// # Errors
    /// [`JvmError::Jni`] if the object is something else.
    pub fn strings(&self, array: Object<'_>) -> Result<Vec<String>, JvmError> {
        self.expect_class(array, "[Ljava/lang/Object;", "GetObjectArrayElement")?;
        // SAFETY: array is a live Object[].
        let length = unsafe { (self.table().GetArrayLength)(self.env, array.raw()) };
        let mut texts = Vec::with_capacity(length.max(0) as usize);
        for index in 0..length {
            // SAFETY: array is a live Object[] and the index is within it.
            let raw = unsafe { (self.table().GetObjectArrayElement)(self.env, array.raw(), index) };
            self.check("GetObjectArrayElement")?;
            let Some(element) = Self::object(raw) else { continue };
            texts.extend(self.string(element));
            // SAFETY: the reference was made above and is not used again.
            unsafe { (self.table().DeleteLocalRef)(self.env, raw) };
        }
        Ok(texts)
    }

    /// That an object is an instance of a class of the boot loader.
    fn expect_class(
        &self,
        object: Object<'_>,
        class: &str,
        call: &'static str,
    ) -> Result<(), JvmError> {
        let class = self.find_class(class)?;
        // SAFETY: both references are live; the class is not used afterwards.
        let is_instance = unsafe {
            let is_instance = (self.table().IsInstanceOf)(self.env, object.raw(), class.raw());
            (self.table().DeleteLocalRef)(self.env, class.raw());
            is_instance
        };
        if is_instance == 0 { Err(JvmError::Jni { call, code: 0 }) } else { Ok(()) }
    }
}

/// Pops the frame of [`Jni::with_frame`] when it goes.
struct PopFrame<'a, 'f>(&'a Jni<'f>);

impl Drop for PopFrame<'_, '_> {
    fn drop(&mut self) {
        // SAFETY: with_frame pushed the frame that is popped here.
        unsafe { (self.0.table().PopLocalFrame)(self.0.env, ptr::null_mut()) };
    }
}

fn c_text(text: &str) -> Result<CString, JvmError> {
    CString::new(text).map_err(|_| JvmError::ZeroByte { text: text.to_owned() })
}
