//! Lambda call sites: their bootstrap is redirected to the runtime, which records what the site
//! makes and goes on to the JDK's. Only constants change, no code.

use beehive_classfile::{ClassEdits, ClassFileError, ClassView, Constants, StaticMethod};

use crate::hooks::LAMBDA_SITES;

const FACTORY: &str = "java/lang/invoke/LambdaMetafactory";
pub(crate) const METAFACTORY: &str = "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;\
    Ljava/lang/invoke/MethodType;Ljava/lang/invoke/MethodType;Ljava/lang/invoke/MethodHandle;\
    Ljava/lang/invoke/MethodType;)Ljava/lang/invoke/CallSite;";
pub(crate) const ALT_METAFACTORY: &str = "(Ljava/lang/invoke/MethodHandles$Lookup;Ljava/lang/String;\
    Ljava/lang/invoke/MethodType;[Ljava/lang/Object;)Ljava/lang/invoke/CallSite;";

/// The declared bootstraps of the runtime.
#[derive(Debug, Clone, Copy)]
pub(crate) struct LambdaBootstraps {
    plain: StaticMethod,
    alternative: StaticMethod,
}

impl LambdaBootstraps {
    pub(crate) fn declare(constants: &mut Constants) -> Result<Self, ClassFileError> {
        Ok(Self {
            plain: constants.static_method(LAMBDA_SITES, "metafactory", METAFACTORY)?,
            alternative: constants.static_method(
                LAMBDA_SITES,
                "altMetafactory",
                ALT_METAFACTORY,
            )?,
        })
    }

    /// Redirects the bootstraps of a class; gives how many it had.
    pub(crate) fn redirect(self, class: &ClassView<'_>, edits: &mut ClassEdits<'_>) -> u64 {
        let mut redirected = 0;
        for index in class.pool().method_handles() {
            let Some((_, target)) = class.pool().method_handle(index) else { continue };
            if target.owner != FACTORY {
                continue;
            }
            let to = match target.name.as_str() {
                Some("metafactory") => self.plain,
                Some("altMetafactory") => self.alternative,
                _ => continue,
            };
            edits.redirect_handle(class, index, to);
            redirected += 1;
        }
        redirected
    }
}
