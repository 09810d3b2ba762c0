//! Class files that a loader of the application can find as resources. Those of the JDK's modules are
//! not the application's.

use beehive_jvm::{Jni, JvmError, Method, Object, Value};

/// Where URLs of the JDK's own modules begin.
const MODULES: &str = "jrt:";

/// The resources of one loader.
pub(crate) struct Resources<'f> {
    loader: Object<'f>,
    get_resource: Method,
    to_text: Method,
    open: Method,
    read: Method,
}

impl<'f> Resources<'f> {
    pub(crate) fn new(jni: &Jni<'f>, loader: Object<'f>) -> Result<Self, JvmError> {
        let method = |class, name, descriptor| jni.method(jni.find_class(class)?, name, descriptor);
        Ok(Self {
            loader,
            get_resource: method(
                "java/lang/ClassLoader",
                "getResource",
                "(Ljava/lang/String;)Ljava/net/URL;",
            )?,
            to_text: method("java/net/URL", "toExternalForm", "()Ljava/lang/String;")?,
            open: method("java/net/URL", "openStream", "()Ljava/io/InputStream;")?,
            read: method("java/io/InputStream", "readAllBytes", "()[B")?,
        })
    }

    /// The class file of the class with this internal name; `None` when the loader does not find it, or
    /// finds it in the JDK.
    pub(crate) fn class_file(&self, jni: &Jni<'_>, name: &str) -> Option<Vec<u8>> {
        if name.starts_with("java/") || name.starts_with('[') {
            return None;
        }
        jni.with_frame(|jni| self.read(jni, name).ok().flatten()).ok().flatten()
    }

    fn read(&self, jni: &Jni<'_>, name: &str) -> Result<Option<Vec<u8>>, JvmError> {
        let path = jni.new_string(&format!("{name}.class"))?;
        let path = [Value::Object(Some(path))];
        let Some(url) = jni.call_object(self.loader, &self.get_resource, &path)? else {
            return Ok(None);
        };
        let Some(text) = jni.call_object(url, &self.to_text, &[])? else { return Ok(None) };
        if jni.string(text)?.starts_with(MODULES) {
            return Ok(None);
        }
        let Some(stream) = jni.call_object(url, &self.open, &[])? else { return Ok(None) };
        let Some(bytes) = jni.call_object(stream, &self.read, &[])? else { return Ok(None) };
        jni.bytes(bytes).map(Some)
    }
}
