//! Factories of loggers: on a worker they ask home, where the application's loggers are. Otherwise the
//! first initialiser with a logger would set up the whole of a logging system again. Which methods, and
//! what stands at their entry; the asking is the runtime's.
//!
//! ```text
//! Object answer = Loggers.ofHome(LoggerFactory.class, "getLogger", argument);
//! if (answer != null) return (Logger) answer;
//! ```

use beehive_classfile::opcode::IFNULL;
use beehive_classfile::{
    ClassFileError, Constants, Emitter, Kind, MethodView, StaticMethod, Text, return_kind,
    return_type,
};

use crate::hooks::LOGGERS;

const OF_HOME: &str = "(Ljava/lang/Class;Ljava/lang/String;Ljava/lang/Object;)Ljava/lang/Object;";

/// Class and name of static methods that give a logger for a name or a class. Those that look for their
/// caller are not among them: at home it would be another one. Nor is JBoss Logging, whose loggers pass on to
/// these and decide by themselves what is written: a stand-in would ask home for each line.
const FACTORIES: [(&str, &str); 4] = [
    ("org/slf4j/LoggerFactory", "getLogger"),
    ("org/apache/commons/logging/LogFactory", "getLog"),
    ("org/apache/logging/log4j/LogManager", "getLogger"),
    ("org/apache/logging/log4j/LogManager", "getFormatterLogger"),
];
/// What such a logger is asked for by.
const PARAMETERS: [&str; 2] = ["Ljava/lang/String;", "Ljava/lang/Class;"];

/// The declared constants.
#[derive(Debug, Clone)]
pub(crate) struct LoggerCode {
    of_home: StaticMethod,
    names: [Text; FACTORIES.len()],
}

impl LoggerCode {
    pub(crate) fn declare(constants: &mut Constants) -> Result<Self, ClassFileError> {
        Ok(Self {
            of_home: constants.static_method(LOGGERS, "ofHome", OF_HOME)?,
            names: FACTORIES.map(|(_, name)| constants.string(name)),
        })
    }

    /// Whether a method is such a factory.
    pub(crate) fn is_factory(method: MethodView<'_, '_>) -> bool {
        place_of(method).is_some()
    }

    /// At the entry of a factory.
    pub(crate) fn emit(&self, method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        let (Some(name), Some(returned)) =
            (place_of(method).and_then(|at| self.names.get(at)), return_type(method.descriptor()))
        else {
            return;
        };
        emit.push_class_at(method.class().this_class_index());
        emit.push_string(*name);
        emit.load(Kind::Reference, 0);
        emit.invokestatic(self.of_home);
        let answer = emit.scratch(0);
        emit.store(Kind::Reference, answer);
        emit.load(Kind::Reference, answer);
        emit.branch_to_code(IFNULL, 1);
        emit.load(Kind::Reference, answer);
        emit.cast_to(returned);
        emit.return_value(Some(Kind::Reference));
    }
}

fn place_of(method: MethodView<'_, '_>) -> Option<usize> {
    let class = method.class().name();
    let mut parameters = method.parameters();
    let (first, second) = (parameters.next()?, parameters.next());
    let takes_one = second.is_none() && PARAMETERS.iter().any(|known| first.descriptor == *known);
    let gives_one = return_kind(method.descriptor()) == Some(Kind::Reference);
    if !(method.is_static() && takes_one && gives_one) {
        return None;
    }
    FACTORIES.iter().position(|(owner, name)| class == *owner && method.name() == *name)
}
