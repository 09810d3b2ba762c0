//! Class files of types that are not loaded yet, read as resources of a class loader. This runs Java
//! code of the loader, so a loader that the user wrote is not asked: its methods are being counted.

use std::cell::Cell;

use beehive_jvm::{Jni, JvmError, Method, Object, Value};

thread_local! {
    /// Whether this thread is reading: a class loaded meanwhile must not read again.
    static READING: Cell<bool> = const { Cell::new(false) };
}

/// The methods by which class files are read.
#[derive(Debug)]
pub(crate) struct TypeBytes {
    get_resource: Method,
    read_all: Method,
    close: Method,
}

impl TypeBytes {
    pub(crate) fn new(jni: &Jni<'_>) -> Result<Self, JvmError> {
        let method = |class, name, descriptor| {
            jni.find_class(class).and_then(|class| jni.method(class, name, descriptor))
        };
        let stream = "java/io/InputStream";
        let get = "(Ljava/lang/String;)Ljava/io/InputStream;";
        Ok(Self {
            get_resource: method("java/lang/ClassLoader", "getResourceAsStream", get)?,
            read_all: method(stream, "readAllBytes", "()[B")?,
            close: method(stream, "close", "()V")?,
        })
    }

    /// The class file of a type by its dotted name; `None` if the loader has none or cannot be asked.
    pub(crate) fn read(&self, jni: &Jni<'_>, loader: Object<'_>, name: &str) -> Option<Vec<u8>> {
        if READING.replace(true) {
            return None;
        }
        let bytes = jni.with_frame(|jni| self.ask(jni, loader, name));
        READING.set(false);
        bytes.ok()?.ok()?
    }

    fn ask(
        &self,
        jni: &Jni<'_>,
        loader: Object<'_>,
        name: &str,
    ) -> Result<Option<Vec<u8>>, JvmError> {
        let path = jni.new_string(&format!("{}.class", name.replace('.', "/")))?;
        let arguments = [Value::Object(Some(path))];
        let Some(stream) = jni.call_object(loader, &self.get_resource, &arguments)? else {
            return Ok(None);
        };
        let bytes = jni.call_object(stream, &self.read_all, &[]);
        let bytes = bytes.and_then(|array| array.map(|array| jni.bytes(array)).transpose());
        jni.call_void(stream, &self.close, &[])?;
        bytes
    }
}
