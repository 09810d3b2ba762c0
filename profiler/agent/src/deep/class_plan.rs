//! What is planned for one class and for the method at hand, before any code is made.

use std::collections::{HashMap, HashSet};

use beehive_classfile::opcode::{INVOKESPECIAL, NEW};
use beehive_classfile::{ClassView, MethodView};

use super::hooks::{Hook, has_hooks, hook_of};
use super::unprobed::is_unprobed;

const INVOKE_DYNAMIC: u8 = 18;
const ASTORE: u8 = 0x3a;
const ASTORE_0: u8 = 0x4b;
/// Methods longer than this get their probes in place: beside the old code they would be too long
/// for the compiler, which refuses methods over 8,000 bytes.
const DUPLICATED_MAX: u32 = 2_000;
/// Annotation of methods that the compiler knows and replaces by code of its own.
const INTRINSIC: &str = "Ljdk/internal/vm/annotation/IntrinsicCandidate;";

/// A method by name and descriptor.
pub(crate) type MethodKey = (Box<[u8]>, Box<[u8]>);

/// A user method: its row in the trace, and whether it is a root.
#[derive(Debug, Clone, Copy)]
pub(crate) struct UserMethod {
    pub(crate) row: u32,
    pub(crate) is_root: bool,
}

/// One class.
#[derive(Debug, Default)]
pub(crate) struct ClassPlan {
    /// Number of the class among those with probes.
    pub(crate) class: u32,
    /// Only hooks, nothing else.
    pub(crate) only_hooks: bool,
    /// User methods with probes of the light run.
    pub(crate) users: HashMap<MethodKey, UserMethod>,
    /// Methods that are too long beside their old code.
    pub(crate) in_place: HashSet<MethodKey>,
    /// Bodies of lambdas with the number of parameters that were captured, `this` included.
    pub(crate) captures: HashMap<MethodKey, usize>,
}

/// The method at hand.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct MethodState {
    pub(crate) is_duplicated: bool,
    pub(crate) user: Option<UserMethod>,
    /// Number of the root.
    pub(crate) root: Option<u32>,
    pub(crate) hook: Option<Hook>,
    /// Position and end of the call of `super(…)` in a constructor.
    pub(crate) super_call: Option<(u32, u32)>,
    /// Captured parameters, `this` included.
    pub(crate) captured: usize,
    /// The next `athrow` only passes on what the light run's handler caught.
    pub(crate) passes_on: bool,
}

impl ClassPlan {
    /// Whether anything is to be done with the class.
    pub(crate) fn concerns(class: &[u8]) -> bool {
        !is_unprobed(class) || has_hooks(class)
    }

    /// Reads what the class says about its lambdas.
    pub(crate) fn find_captures(&mut self, class: &ClassView<'_>) {
        let pool = class.pool();
        for index in (1..pool.count()).filter(|index| pool.tag(*index) == Some(INVOKE_DYNAMIC)) {
            let Some(site) = pool.dynamic(index) else { continue };
            let body = class.bootstrap(site.bootstrap).nth(2);
            let Some((_, body)) = body.and_then(|handle| pool.method_handle(handle)) else {
                continue;
            };
            if body.owner == class.name() && body.name.as_bytes().starts_with(b"lambda$") {
                let captured = beehive_classfile::parameters(site.descriptor, 0).count();
                let key = (body.name.as_bytes().into(), body.descriptor.as_bytes().into());
                self.captures.insert(key, captured);
            }
        }
    }

    /// What is known of a method; `None` if it gets nothing.
    pub(crate) fn method(&self, method: MethodView<'_, '_>) -> Option<MethodState> {
        let class = method.class().name();
        let (name, descriptor) = (method.name(), method.descriptor());
        let hook = hook_of(class.as_bytes(), name.as_bytes(), descriptor.as_bytes());
        if self.only_hooks {
            return hook.map(|hook| MethodState { hook: Some(hook), ..MethodState::default() });
        }
        let is_intrinsic = method.annotations().any(|annotation| annotation == INTRINSIC);
        if is_intrinsic && hook.is_none() {
            return None;
        }
        let key = (name.as_bytes().into(), descriptor.as_bytes().into());
        let is_alone = hook.is_some_and(Hook::is_alone);
        let is_short = method.code_length().is_some_and(|length| length <= DUPLICATED_MAX);
        let user = self.users.get(&key).copied();
        Some(MethodState {
            is_duplicated: is_short && !is_alone && !self.in_place.contains(&key),
            user,
            root: None,
            hook,
            super_call: find_super_call(method),
            captured: self.captures.get(&key).copied().unwrap_or(0),
            passes_on: false,
        })
    }
}

/// Position and end of the one call of `super(…)` or `this(…)`: the `invokespecial <init>` without a
/// `new` to go with. `None` if it is not the only one that could be it.
fn find_super_call(method: MethodView<'_, '_>) -> Option<(u32, u32)> {
    if !method.is_constructor() {
        return None;
    }
    let (mut pending, mut found) = (0, None);
    for at in method.instructions() {
        match at.opcode() {
            NEW => pending += 1,
            // Somebody keeps something else where `this` was.
            ASTORE_0 => return None,
            ASTORE if at.operands() == [0] => return None,
            INVOKESPECIAL if at.member().is_some_and(|member| member.name == "<init>") => {
                if pending > 0 {
                    pending -= 1;
                } else if found.is_some() {
                    return None;
                } else {
                    found = Some((at.pc(), at.next_pc()));
                }
            }
            _ => {}
        }
    }
    found
}
