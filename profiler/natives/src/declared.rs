//! The native methods that classes declare: of a JDK's module, or of the class files of a jar. Names
//! only; what they do, `table` and `proposal` say.

use std::fmt;
use std::path::Path;

use beehive_classfile::{ACC_NATIVE, ClassView, JImage};
use serde::Serialize;

use crate::error::NativesError;

/// A native method.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
pub struct NativeMethod {
    /// Dotted class name.
    pub class: String,
    /// Method name.
    pub method: String,
    /// JVM descriptor.
    pub descriptor: String,
}

impl fmt::Display for NativeMethod {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}#{}{}", self.class, self.method, self.descriptor)
    }
}

/// Native methods of `module` in the JDK at `home`, sorted.
///
/// # Errors
/// [`NativesError::Jdk`] if its `lib/modules` cannot be read.
pub fn declared_in_module(home: &Path, module: &str) -> Result<Vec<NativeMethod>, NativesError> {
    let failed = |source| NativesError::Jdk { home: home.to_owned(), source };
    let image = JImage::open_jdk(home).map_err(failed)?;
    let (mut found, mut bytes) = (Vec::new(), Vec::new());
    for class in image.classes().filter(|class| class.module() == module) {
        image.read(class, &mut bytes).map_err(failed)?;
        found.extend(declared_in_class(&bytes).map_err(failed)?);
    }
    found.sort_unstable();
    Ok(found)
}

/// Native methods of one class file.
///
/// # Errors
/// The parser's, if the bytes are no class file.
pub fn declared_in_class(
    bytes: &[u8],
) -> Result<Vec<NativeMethod>, beehive_classfile::ClassFileError> {
    let view = ClassView::parse(bytes)?;
    let class = view.name().to_str().replace('/', ".");
    let natives = view.methods().filter(|method| method.access() & ACC_NATIVE != 0);
    let natives = natives.map(|method| NativeMethod {
        class: class.clone(),
        method: method.name().to_str().into_owned(),
        descriptor: method.descriptor().to_str().into_owned(),
    });
    Ok(natives.collect())
}
