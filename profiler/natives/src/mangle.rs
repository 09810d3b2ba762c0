//! Names of the functions that implement native methods (Java Native Interface specification,
//! "Resolving Native Method Names").

use std::fmt::Write;

use crate::declared::NativeMethod;

/// The short name, and the long one with the parameters for overloaded methods.
pub fn names_of(native: &NativeMethod) -> [String; 2] {
    let short = format!("Java_{}_{}", mangled(&native.class), mangled(&native.method));
    let parameters = native.descriptor.split(['(', ')']).nth(1).unwrap_or("");
    let long = format!("{short}__{}", mangled(&parameters.replace('/', ".")));
    [short, long]
}

fn mangled(text: &str) -> String {
    let mut out = String::with_capacity(text.len() + 8);
    for c in text.chars() {
        match c {
            'a'..='z' | 'A'..='Z' | '0'..='9' => out.push(c),
            '.' | '/' => out.push('_'),
            '_' => out.push_str("_1"),
            ';' => out.push_str("_2"),
            '[' => out.push_str("_3"),
            other => {
                let mut units = [0; 2];
                for unit in other.encode_utf16(&mut units) {
                    let _ = write!(out, "_0{unit:04x}");
                }
            }
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_and_long_names() {
        let native = NativeMethod {
            class: "a.b_c.D$E".into(),
            method: "é_1".into(),
            descriptor: "([ILjava/lang/String;J)V".into(),
        };
        let [short, long] = names_of(&native);
        assert_eq!(short, "Java_a_b_1c_D_00024E__000e9_11");
        assert_eq!(long, format!("{short}___3ILjava_lang_String_2J"));
    }
}
