//! Which method gets which probe, and the rewriting of one class after the other. User methods: entry
//! and exit, only entry if nothing can run inside, a clock if they are candidate roots. Of the JDK only
//! the few methods that open connections and start threads.

use beehive_classfile::{
    ACC_BRIDGE, ACC_SYNTHETIC, Action, Emitter, Instruction, Kind, MethodPlan, MethodView,
    OpcodeSet, Probes, Rewriter, Rewritten, StaticMethod, Tally, opcode,
};
use beehive_trace::{Class, Method, RootKind, class_stereotype, method_mapping};

use crate::class_row::method_row;
use crate::error::AgentError;
use crate::lineage::Inherited;
use crate::named_root::is_named;
use crate::probe_class::PROBE;
use crate::registry::Registry;

const ACC_PRIVATE: u16 = 0x0002;

/// Methods of the JDK that get a probe at their entry.
const JDK_PROBES: &[(&str, &str, &str, JdkProbe)] = &[
    ("java/net/Socket", "connect", "(Ljava/net/SocketAddress;I)V", JdkProbe::Connecting),
    (
        "sun/nio/ch/SocketChannelImpl",
        "connect",
        "(Ljava/net/SocketAddress;)Z",
        JdkProbe::Connecting,
    ),
    (
        "sun/nio/ch/SocketChannelImpl",
        "blockingConnect",
        "(Ljava/net/SocketAddress;J)V",
        JdkProbe::Connecting,
    ),
    ("java/lang/Thread", "start", "()V", JdkProbe::Starting),
    ("java/lang/Thread", "start", "(Ljdk/internal/vm/ThreadContainer;)V", JdkProbe::Starting),
    (
        "java/lang/VirtualThread",
        "start",
        "(Ljdk/internal/vm/ThreadContainer;)V",
        JdkProbe::Starting,
    ),
];

/// What a probe in the JDK notes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum JdkProbe {
    /// The first parameter is the peer of a connection.
    Connecting,
    /// `this` is a thread being started.
    Starting,
}

/// Whether a class of the boot loader gets probes; `name` is internal.
pub(crate) fn has_jdk_probes(name: &[u8]) -> bool {
    JDK_PROBES.iter().any(|(class, ..)| class.as_bytes() == name)
}

/// Internal names of the classes of the boot loader that get probes.
pub(crate) fn jdk_classes() -> impl Iterator<Item = &'static str> {
    let mut last = "";
    JDK_PROBES.iter().map(|(class, ..)| *class).filter(move |class| {
        // Rows of one class stand together.
        let is_new = *class != last;
        last = class;
        is_new
    })
}

/// The probe class's methods as the rewriter knows them.
#[derive(Debug, Clone, Copy)]
struct ProbeCalls {
    leaf: StaticMethod,
    caught: StaticMethod,
    plain: Calls,
    root: Calls,
    connecting: StaticMethod,
    starting: StaticMethod,
}

/// The three probes of a method that is entered and left.
#[derive(Debug, Clone, Copy)]
struct Calls {
    enter: StaticMethod,
    exit: StaticMethod,
    thrown: StaticMethod,
}

/// Rewrites classes, one at a time.
#[derive(Debug)]
pub(crate) struct Rewriting {
    rewriter: Rewriter,
    calls: ProbeCalls,
}

/// A user class that is to get probes.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UserClass<'c> {
    pub(crate) row: &'c Class,
    pub(crate) id: u32,
    pub(crate) inherited: &'c Inherited,
    /// Patterns of the roots that the user named.
    pub(crate) named: &'c [String],
}

/// A rewritten class.
#[derive(Debug)]
pub(crate) struct NewClass {
    /// The class file; `None` if nothing was inserted.
    pub(crate) bytes: Option<Vec<u8>>,
    /// What was done to it.
    pub(crate) tally: Tally,
}

impl Rewriting {
    pub(crate) fn new() -> Result<Self, AgentError> {
        let mut rewriter = Rewriter::new();
        let constants = rewriter.constants();
        let mut method = |name, descriptor| constants.static_method(PROBE, name, descriptor);
        let calls = ProbeCalls {
            leaf: method("leaf", "(I)V")?,
            caught: method("caught", "(I)V")?,
            plain: Calls {
                enter: method("enter", "(I)V")?,
                exit: method("exit", "(I)V")?,
                thrown: method("thrown", "(I)V")?,
            },
            root: Calls {
                enter: method("enterRoot", "(I)V")?,
                exit: method("exitRoot", "(I)V")?,
                thrown: method("thrownRoot", "(I)V")?,
            },
            connecting: method("connecting", "(Ljava/lang/Object;)V")?,
            starting: method("starting", "(Ljava/lang/Thread;)V")?,
        };
        Ok(Self { rewriter, calls })
    }

    /// Puts probes into a user class, whose methods get ids in `registry`.
    pub(crate) fn user_class(
        &mut self,
        bytes: &[u8],
        class: UserClass<'_>,
        registry: &mut Registry,
    ) -> Result<NewClass, AgentError> {
        let is_stereotype =
            |name: &String| class_stereotype(name).is_some() || method_mapping(name).is_some();
        let mut probes = UserProbes {
            calls: self.calls,
            class,
            has_stereotype: class.row.annotations.iter().any(is_stereotype),
            registry,
            planned: Planned::Leaf,
            catches: Vec::new(),
            id: 0,
        };
        let new = rewrite(&mut self.rewriter, bytes, &mut probes)?;
        Ok(NewClass { bytes: new, tally: self.rewriter.take_tally() })
    }

    /// Puts probes into one of the few classes of the JDK.
    pub(crate) fn jdk_class(&mut self, bytes: &[u8]) -> Result<NewClass, AgentError> {
        let new = rewrite(&mut self.rewriter, bytes, &mut JdkProbes { calls: self.calls })?;
        Ok(NewClass { bytes: new, tally: self.rewriter.take_tally() })
    }
}

fn rewrite<P: Probes>(
    rewriter: &mut Rewriter,
    bytes: &[u8],
    probes: &mut P,
) -> Result<Option<Vec<u8>>, AgentError> {
    match rewriter.rewrite(bytes, probes)? {
        Rewritten::Unchanged => Ok(None),
        Rewritten::Changed(bytes) => Ok(Some(bytes.to_vec())),
    }
}

/// What was planned for the method at hand.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Planned {
    Leaf,
    Plain,
    Root,
}

struct UserProbes<'c> {
    calls: ProbeCalls,
    class: UserClass<'c>,
    has_stereotype: bool,
    registry: &'c mut Registry,
    planned: Planned,
    /// Where the method catches exceptions, sorted.
    catches: Vec<u32>,
    id: i32,
}

impl UserProbes<'_> {
    /// Why every invocation of the method is timed, if it is.
    fn root_kind(&self, method: MethodView<'_, '_>, row: &Method) -> Option<RootKind> {
        if is_named(self.class.named, &self.class.row.name, &row.name) {
            return Some(RootKind::Named);
        }
        let not_a_candidate = ACC_PRIVATE | ACC_SYNTHETIC | ACC_BRIDGE;
        let is_candidate = method.access() & not_a_candidate == 0
            && !method.is_static()
            && !method.is_constructor();
        let is_mapped = || row.annotations.iter().any(|name| method_mapping(name).is_some());
        (is_candidate && (self.has_stereotype || is_mapped())).then_some(RootKind::Annotated)
    }

    fn calls(&self) -> Calls {
        match self.planned {
            Planned::Root => self.calls.root,
            Planned::Plain | Planned::Leaf => self.calls.plain,
        }
    }

    fn emit(&self, emit: &mut Emitter<'_>, probe: StaticMethod) {
        emit.push_int(self.id);
        emit.invokestatic(probe);
    }
}

impl Probes for UserProbes<'_> {
    /// A handler may begin with any instruction.
    fn opcodes(&self) -> OpcodeSet {
        OpcodeSet::EMPTY.with_range(0, u8::MAX)
    }

    fn plan(&mut self, method: MethodView<'_, '_>) -> MethodPlan {
        let mut row = method_row(method, self.class.id);
        self.class.inherited.complete(method, &mut row.annotations);
        let kind = self.root_kind(method, &row);
        // The probe class counts from 1.
        let method_id = self.registry.method(row, kind);
        let kind = kind.or(self.registry.timed(method_id));
        self.id = method_id as i32 + 1;
        if self.registry.is_muted(method_id) {
            return MethodPlan::NONE;
        }
        self.planned = match kind {
            Some(_) => Planned::Root,
            None if method.is_leaf() || is_plain_constructor(method) => Planned::Leaf,
            None => Planned::Plain,
        };
        if self.planned == Planned::Leaf {
            self.registry.set_leaf(method_id);
            return MethodPlan::ENTRY;
        }
        self.catches = method.handlers().collect();
        self.catches.sort_unstable();
        let plan = MethodPlan::ENTRY | MethodPlan::RETURNS | MethodPlan::HANDLER;
        if self.catches.is_empty() { plan } else { plan | MethodPlan::INSTRUCTIONS }
    }

    fn before(&mut self, at: Instruction<'_, '_>, emit: &mut Emitter<'_>) -> Action {
        if self.catches.binary_search(&at.pc()).is_ok() {
            self.emit(emit, self.calls.caught);
        }
        Action::Keep
    }

    fn at_entry(&mut self, _method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        let probe = match self.planned {
            Planned::Leaf => self.calls.leaf,
            _ => self.calls().enter,
        };
        self.emit(emit, probe);
    }

    fn at_return(&mut self, _at: Instruction<'_, '_>, emit: &mut Emitter<'_>) {
        self.emit(emit, self.calls().exit);
    }

    fn at_throw(&mut self, _method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        self.emit(emit, self.calls().thrown);
    }
}

/// Whether a constructor only stores into fields: a leaf but for its call of `Object.<init>` or
/// `Record.<init>`, which run nothing. Most value classes and records have such ones.
fn is_plain_constructor(method: MethodView<'_, '_>) -> bool {
    method.is_constructor() && method.instructions().all(|instruction| runs_nothing(&instruction))
}

fn runs_nothing(instruction: &Instruction<'_, '_>) -> bool {
    match instruction.opcode() {
        opcode::INVOKESPECIAL => instruction.member().is_some_and(|member| {
            member.name == "<init>"
                && (member.owner == "java/lang/Object" || member.owner == "java/lang/Record")
        }),
        opcode::LDC | opcode::LDC_W | opcode::LDC2_W => false,
        opcode::GETFIELD | opcode::PUTFIELD => true,
        // Loads, stores, arithmetic, jumps and returns stand before the instructions on fields.
        plain => plain < opcode::GETSTATIC,
    }
}

struct JdkProbes {
    calls: ProbeCalls,
}

fn jdk_probe(method: MethodView<'_, '_>) -> Option<JdkProbe> {
    let class = method.class().name();
    let found = JDK_PROBES.iter().find(|(owner, name, descriptor, _)| {
        class == *owner && method.name() == *name && method.descriptor() == *descriptor
    });
    found.map(|(.., probe)| *probe)
}

impl Probes for JdkProbes {
    fn plan(&mut self, method: MethodView<'_, '_>) -> MethodPlan {
        if jdk_probe(method).is_some() { MethodPlan::ENTRY } else { MethodPlan::NONE }
    }

    fn at_entry(&mut self, method: MethodView<'_, '_>, emit: &mut Emitter<'_>) {
        match jdk_probe(method) {
            Some(JdkProbe::Connecting) => {
                emit.load(Kind::Reference, 1);
                emit.invokestatic(self.calls.connecting);
            }
            Some(JdkProbe::Starting) => {
                emit.load_this();
                emit.invokestatic(self.calls.starting);
            }
            None => {}
        }
    }
}
