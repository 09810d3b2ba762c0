//! The methods of `java.lang.BeeDeep` that probes call, declared with one rewriter.

use beehive_classfile::{ClassFileError, Rewriter, StaticMethod};

/// Internal name of the class of the deep probes.
pub(crate) const DEEP: &str = "java/lang/BeeDeep";

macro_rules! calls {
    ($($field:ident = $name:literal $descriptor:literal,)*) => {
        /// One field for each probe, by its name.
        #[derive(Debug, Clone, Copy)]
        pub(crate) struct Calls {
            $( pub(crate) $field: StaticMethod, )*
        }

        impl Calls {
            pub(crate) fn declare(rewriter: &mut Rewriter) -> Result<Self, ClassFileError> {
                let constants = rewriter.constants();
                Ok(Self {
                    $( $field: constants.static_method(DEEP, $name, $descriptor)?, )*
                })
            }
        }
    };
}

calls! {
    sampled = "sampled" "()Z",
    enter_root = "enterRoot" "(I)Z",
    exit_root = "exitRoot" "()V",
    exit_root_thrown = "exitRootThrown" "()V",
    root_this = "rootThis" "(Ljava/lang/Object;)V",
    root_argument = "rootArgument" "(Ljava/lang/Object;I)V",
    enter_user = "enterUser" "(I)V",
    exit_user = "exitUser" "(I)V",
    entered = "entered" "(I)V",
    read = "read" "(Ljava/lang/Object;I)V",
    read_reference = "readReference" "(Ljava/lang/Object;Ljava/lang/Object;I)V",
    write = "write" "(Ljava/lang/Object;I)V",
    write_reference = "writeReference" "(Ljava/lang/Object;Ljava/lang/Object;I)V",
    read_static = "readStatic" "(I)V",
    read_static_reference = "readStaticReference" "(Ljava/lang/Object;I)V",
    write_static = "writeStatic" "(I)V",
    write_static_reference = "writeStaticReference" "(Ljava/lang/Object;I)V",
    read_element = "readElement" "(Ljava/lang/Object;)V",
    read_element_reference = "readElementReference" "(Ljava/lang/Object;ILjava/lang/Object;)V",
    write_element = "writeElement" "(Ljava/lang/Object;)V",
    write_element_reference = "writeElementReference" "(Ljava/lang/Object;Ljava/lang/Object;)V",
    created = "created" "(Ljava/lang/Object;)V",
    fresh = "fresh" "(Ljava/lang/Object;)V",
    given = "given" "(Ljava/lang/Object;I)V",
    given_by_thread = "givenByThread" "(Ljava/lang/Object;)V",
    captured = "captured" "(Ljava/lang/Object;I)V",
    cloned = "cloned" "(Ljava/lang/Object;Ljava/lang/Object;)V",
    copied = "copied" "(Ljava/lang/Object;ILjava/lang/Object;II)V",
    copy_made = "copyMade" "(Ljava/lang/Object;IILjava/lang/Object;)V",
    called = "called" "(I)V",
    called_on = "calledOn" "(Ljava/lang/Object;I)V",
    entering = "entering" "(Ljava/lang/Object;)V",
    locked = "locked" "(Ljava/lang/Object;I)V",
    locked_static = "lockedStatic" "(II)V",
    accessed = "accessed" "(Ljava/lang/Object;Ljava/lang/Object;II)V",
    access_gave = "accessGave" "(Ljava/lang/Object;Ljava/lang/Object;)V",
    thrown = "thrown" "(Ljava/lang/Object;)V",
    started = "started" "(Ljava/lang/Object;)V",
    executed = "executed" "(Ljava/lang/Object;Ljava/lang/Object;)V",
    submitted = "submitted" "(Ljava/lang/Object;Ljava/lang/Object;)V",
    connecting = "connecting" "(Ljava/lang/Object;Ljava/lang/Object;)V",
    received = "received" "(JLjava/lang/Object;)V",
    sent = "sent" "(JLjava/lang/Object;)V",
    host = "host" "(Ljava/lang/Object;I)V",
    reflected = "reflected" "(Ljava/lang/Object;I)V",
    linking = "linking" "(Ljava/lang/Object;)V",
    pause = "pause" "()V",
    resume = "resume" "()V",
}
