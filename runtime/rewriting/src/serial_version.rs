//! The serialVersionUID that a class has when it names none (Java Object Serialization Specification,
//! 4.6): a hash over names, flags and descriptors. Rewriting changes flags and adds fields, so a
//! rewritten class names the one it had. Computed from the class as it was.

use beehive_classfile::{
    ACC_ABSTRACT, ACC_FINAL, ACC_INTERFACE, ACC_NATIVE, ACC_PRIVATE, ACC_PUBLIC, ACC_STATIC,
    ACC_SYNCHRONIZED, ACC_TRANSIENT, ACC_VOLATILE, ClassView, FieldView, MethodView,
};
use sha1::{Digest, Sha1};

/// Name of the field that holds it.
pub(crate) const FIELD: &str = "serialVersionUID";

const ACC_PROTECTED: u16 = 0x0004;
const ACC_STRICT: u16 = 0x0800;
const VISIBILITY: u16 = ACC_PUBLIC | ACC_PRIVATE | ACC_PROTECTED;
const FIELD_FLAGS: u16 = VISIBILITY | ACC_STATIC | ACC_FINAL | ACC_VOLATILE | ACC_TRANSIENT;
const METHOD_FLAGS: u16 =
    VISIBILITY | ACC_STATIC | ACC_FINAL | ACC_SYNCHRONIZED | ACC_NATIVE | ACC_ABSTRACT | ACC_STRICT;

/// What is hashed, laid out as `DataOutputStream` does.
struct Stream(Vec<u8>);

impl Stream {
    fn text(&mut self, text: &[u8]) {
        self.0.extend_from_slice(&(text.len() as u16).to_be_bytes());
        self.0.extend_from_slice(text);
    }

    fn int(&mut self, value: u16) {
        self.0.extend_from_slice(&i32::from(value).to_be_bytes());
    }

    fn member(&mut self, name: &[u8], access: u16, descriptor: &[u8]) {
        self.text(name);
        self.int(access);
        self.text(descriptor);
    }
}

/// Whether the class names its serialVersionUID itself.
pub(crate) fn is_declared(class: &ClassView<'_>) -> bool {
    class.fields().any(|field| field.name() == FIELD && field.is_static())
}

/// The serialVersionUID of a class that names none.
pub(crate) fn default_serial_version(class: &ClassView<'_>) -> i64 {
    let mut stream = Stream(Vec::new());
    stream.text(&dotted(class.name().as_bytes()));
    stream.int(class_flags(class));
    let mut interfaces: Vec<_> = class.interfaces().map(|name| dotted(name.as_bytes())).collect();
    interfaces.sort();
    for name in &interfaces {
        stream.text(name);
    }
    fields(class, &mut stream);
    methods(class, &mut stream);
    let digest = Sha1::digest(&stream.0);
    digest.iter().take(8).rev().fold(0i64, |hash, byte| hash << 8 | i64::from(*byte))
}

fn class_flags(class: &ClassView<'_>) -> u16 {
    let mask = ACC_PUBLIC | ACC_FINAL | ACC_INTERFACE | ACC_ABSTRACT;
    let flags = class.declared_access() & mask;
    if flags & ACC_INTERFACE == 0 {
        return flags;
    }
    if class.methods().len() > 0 { flags | ACC_ABSTRACT } else { flags & !ACC_ABSTRACT }
}

fn fields(class: &ClassView<'_>, stream: &mut Stream) {
    let mut fields: Vec<_> = class.fields().collect();
    fields.sort_by_key(FieldView::name);
    for field in fields {
        let access = field.access() & FIELD_FLAGS;
        let is_hidden = access & ACC_PRIVATE != 0 && access & (ACC_STATIC | ACC_TRANSIENT) != 0;
        if !is_hidden {
            let (name, descriptor) = (field.name(), field.descriptor());
            stream.member(name.as_bytes(), access, descriptor.as_bytes());
        }
    }
}

fn methods(class: &ClassView<'_>, stream: &mut Stream) {
    let (mut constructors, mut methods) = (Vec::new(), Vec::new());
    let mut has_initialiser = false;
    for method in class.methods() {
        if method.name() == "<clinit>" {
            has_initialiser = true;
        } else if method.is_constructor() {
            constructors.push(method);
        } else {
            methods.push(method);
        }
    }
    if has_initialiser {
        stream.member(b"<clinit>", ACC_STATIC, b"()V");
    }
    constructors.sort_by_key(MethodView::descriptor);
    methods.sort_by_key(|method| (method.name(), method.descriptor()));
    for method in constructors.iter().chain(&methods) {
        let access = method.access() & METHOD_FLAGS;
        if access & ACC_PRIVATE == 0 {
            let descriptor = dotted(method.descriptor().as_bytes());
            stream.member(method.name().as_bytes(), access, &descriptor);
        }
    }
}

fn dotted(name: &[u8]) -> Vec<u8> {
    name.iter().map(|byte| if *byte == b'/' { b'.' } else { *byte }).collect()
}
