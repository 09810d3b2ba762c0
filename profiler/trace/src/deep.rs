//! Tables of a deep run: what sampled invocations of each root touched. Data only, filled by the agent,
//! read by the analyzer; the fold, the text form and the merge handle all tables through [`DeepRow`].
//!
//! Every counter is a sum over the sampled invocations of the root that ran to their end, so a value
//! per invocation is the counter over [`DeepRoot::sampled`]. Each row also counts the invocations it
//! occurred in: equal to `sampled` means always. Class names are dotted, arrays as in Java
//! (`byte[]`), hidden classes without their address (`com.acme.Shop$$Lambda`). *Existing* objects
//! are those that were there before the root began, as far as the invocation could tell: it came to
//! them through an argument, a static or another existing object.

use serde::{Deserialize, Serialize};

/// What the tables have in common: method ids, a key, and counters that add.
pub(crate) trait DeepRow: Ord + Clone + Default {
    /// First word of the row in the text form.
    const WORD: &'static str;
    /// The names of the columns that hold method ids.
    const IDS: &'static [&'static str];
    /// The method ids, the root first.
    fn ids(&mut self) -> Vec<&mut u32>;
    /// Whether all columns but the counters are equal.
    fn has_key_of(&self, other: &Self) -> bool;
    /// Adds the counters of a row with the same key.
    fn add(&mut self, other: &Self);
    /// The row stems from one invocation: says so in the column that counts them, if there is one.
    fn mark_invocation(&mut self);
}

/// Something done with each table of a [`Deep`].
pub(crate) trait EachTable {
    /// What can go wrong.
    type Error;
    /// Does it with one table.
    fn table<R>(&mut self, rows: &mut Vec<R>, wrap: fn(Vec<R>) -> Deep) -> Result<(), Self::Error>
    where
        R: DeepRow + Serialize + for<'de> Deserialize<'de>;
}

macro_rules! deep_tables {
    ($(
        $(#[$row_doc:meta])*
        $table:ident: $row:ident = $word:literal {
            ids { $( $(#[$id_doc:meta])* $id:ident, )* }
            key { $( $(#[$key_doc:meta])* $key:ident: $key_type:ty, )* }
            sum { $( $(#[$sum_doc:meta])* $sum:ident, )* }
        }
    )*) => {
        /// All tables of deep runs, each sorted by its key.
        #[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
        #[serde(default)]
        pub struct Deep {
            $( $(#[$row_doc])* pub $table: Vec<$row>, )*
        }

        impl Deep {
            /// Whether there are no rows at all.
            pub fn is_empty(&self) -> bool {
                true $( && self.$table.is_empty() )*
            }

            /// Adds the rows of one sampled invocation, in which a key may come more than once.
            pub fn add_invocation(&mut self, mut rows: Self) {
                rows.sum_up();
                $( rows.$table.iter_mut().for_each(DeepRow::mark_invocation); )*
                self.append(rows);
            }

            /// Sorts all tables and adds up rows with the same key.
            pub fn sum_up(&mut self) {
                $( sum_up(&mut self.$table); )*
            }

            /// Appends all rows of another.
            pub(crate) fn append(&mut self, mut more: Self) {
                $( self.$table.append(&mut more.$table); )*
            }

            /// Does `work` with each table, in order.
            pub(crate) fn each_table<W: EachTable>(&mut self, work: &mut W) -> Result<(), W::Error> {
                $( work.table(&mut self.$table, |$table| Self { $table, ..Self::default() })?; )*
                Ok(())
            }
        }

        $(
            $(#[$row_doc])*
            #[derive(
                Clone, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
            )]
            #[serde(default)]
            pub struct $row {
                $( $(#[$id_doc])* pub $id: u32, )*
                $( $(#[$key_doc])* pub $key: $key_type, )*
                $( $(#[$sum_doc])* pub $sum: u64, )*
            }

            impl DeepRow for $row {
                const WORD: &'static str = $word;
                const IDS: &'static [&'static str] = &[$( stringify!($id) ),*];

                fn ids(&mut self) -> Vec<&mut u32> {
                    vec![$( &mut self.$id ),*]
                }

                fn has_key_of(&self, other: &Self) -> bool {
                    true $( && self.$id == other.$id )* $( && self.$key == other.$key )*
                }

                fn add(&mut self, other: &Self) {
                    $( self.$sum = self.$sum.saturating_add(other.$sum); )*
                }

                fn mark_invocation(&mut self) {
                    $(
                        if stringify!($sum) == "invocations" {
                            self.$sum = 1;
                        }
                    )*
                }
            }
        )*
    };
}

/// Sorts rows and adds up those with the same key.
pub(crate) fn sum_up<R: DeepRow>(rows: &mut Vec<R>) {
    rows.sort_unstable();
    rows.dedup_by(|row, kept| {
        let same = row.has_key_of(kept);
        if same {
            kept.add(row);
        }
        same
    });
}

deep_tables! {
    /// The roots and how often each was sampled.
    roots: DeepRoot = "deep.root" {
        ids {
            /// Method id of the root.
            root,
        }
        key {}
        sum {
            /// Invocations sampled to their end: what all other rows are sums over.
            sampled,
            /// Invocations whose turn it was while another invocation was being sampled.
            skipped,
            /// Samples given up at the limit of time or events; nothing of them is in other rows.
            aborted,
            /// Sampled invocations that started a thread or handed a task to an executor: what ran
            /// there is not in the rows.
            handed_over,
            /// Sampled invocations during which a class was loaded.
            cold,
            /// Times this root was entered inside a sample of another root or of itself.
            nested,
            /// Sampled invocations that ended by an exception.
            failed,
            /// Calls of methods with code of the probed classes.
            calls,
            /// Objects that were there before.
            existing_objects,
            /// Objects seen that were made by the invocation.
            new_objects,
            /// Duration of the sampled invocations with their probes, µs. Never a latency.
            wall_us,
        }
    }

    /// Calls of native methods, counted where they are called: intrinsics included. Calls inside the
    /// JDK's string, `Unsafe` and method-handle classes and calls by native code are not seen.
    natives: NativeCalls = "deep.native" {
        ids {
            /// Root.
            root,
            /// Innermost user method, or [`crate::OUTSIDE`].
            user,
        }
        key {
            /// The method that has the native code, `java.lang.System#nanoTime()J`.
            native: String,
        }
        sum {
            /// Calls.
            count,
            /// Sampled invocations with such a call.
            invocations,
        }
    }

    /// Where references from one existing object to another led: the initial closure is built of these.
    objects: ObjectEdge = "deep.object" {
        ids {
            /// Root.
            root,
        }
        key {
            /// `(this)`, `(argument 1)`…, `class#field` with the declaring class, `(static)
            /// class#field`, `[] class[]` for an element of an array, `(thread local)`,
            /// `(captured) class#method` for what a lambda brought along, `(call) class#method` for
            /// what came out of code without probes.
            holder: String,
            /// Run-time class of the object reached.
            target: String,
        }
        sum {
            /// Times a reference to such an object was read along this edge.
            traversals,
            /// Objects reached along this edge before any other; each object counts once.
            objects,
            /// Of these objects, those whose fields, elements, monitor or contents were used.
            used,
            /// Field reads of these objects.
            reads,
            /// Field writes of these objects.
            writes,
            /// Elements read of these objects, which are arrays.
            element_reads,
            /// Elements written of these objects.
            element_writes,
            /// Their sizes in the heap without what they refer to, bytes, estimated for a JVM with
            /// compressed references. A string includes its characters.
            bytes,
            /// The part of `bytes` that belongs to used objects.
            used_bytes,
            /// Sampled invocations that went along this edge.
            invocations,
        }
    }

    /// Instance fields of existing objects that were read or written.
    fields: FieldAccess = "deep.field" {
        ids {
            /// Root.
            root,
        }
        key {
            /// `class#field` with the declaring class.
            field: String,
            /// Its descriptor.
            descriptor: String,
            /// Whether it is final.
            is_final: bool,
            /// Whether it is volatile.
            is_volatile: bool,
        }
        sum {
            /// Reads.
            reads,
            /// Writes.
            writes,
            /// Objects of which this field was touched, each once an invocation.
            objects,
            /// Sampled invocations that touched it.
            invocations,
        }
    }

    /// Static fields that were read or written. Constants the compiler copied are not.
    statics: StaticAccess = "deep.static" {
        ids {
            /// Root.
            root,
        }
        key {
            /// `class#field` with the declaring class.
            field: String,
            /// Its descriptor.
            descriptor: String,
            /// Whether it is final.
            is_final: bool,
            /// Whether it is volatile.
            is_volatile: bool,
        }
        sum {
            /// Reads.
            reads,
            /// Writes.
            writes,
            /// Sampled invocations that touched it.
            invocations,
        }
    }

    /// Locks taken.
    locks: LockUse = "deep.lock" {
        ids {
            /// Root.
            root,
            /// Innermost user method, or [`crate::OUTSIDE`].
            user,
        }
        key {
            /// Class of the lock object; for a static synchronized method the class itself.
            class_name: String,
            /// How it was taken.
            kind: LockKind,
            /// Whether the lock object was there before the root began.
            existing: bool,
        }
        sum {
            /// Times taken, repeatedly by the holder included.
            count,
            /// Sampled invocations that took it.
            invocations,
        }
    }

    /// Accesses to existing objects that a lock does not order: volatile fields and their like.
    shared: SharedAccess = "deep.shared" {
        ids {
            /// Root.
            root,
            /// Innermost user method, or [`crate::OUTSIDE`]; always the latter for
            /// [`SharedKind::Volatile`].
            user,
        }
        key {
            /// By what means.
            kind: SharedKind,
            /// `class#field` for volatile fields, the object's class for the others, `(static)` if
            /// there is no object.
            target: String,
            /// `read`, `write`, or the method called (`jdk.internal.misc.Unsafe#compareAndSetInt`).
            call: String,
        }
        sum {
            /// Accesses.
            count,
            /// Sampled invocations with such an access.
            invocations,
        }
    }

    /// Threads started and tasks given to other threads.
    handovers: Handover = "deep.handover" {
        ids {
            /// Root.
            root,
            /// Innermost user method, or [`crate::OUTSIDE`].
            user,
        }
        key {
            /// How the work was handed over.
            kind: HandoverKind,
            /// Class of the thread or of the executor.
            class_name: String,
            /// Class of the task, empty if not known.
            task: String,
        }
        sum {
            /// Times.
            count,
            /// Sampled invocations that did so.
            invocations,
        }
    }

    /// Connections opened and used.
    connections: ConnectionUse = "deep.connection" {
        ids {
            /// Root.
            root,
            /// Innermost user method, or [`crate::OUTSIDE`].
            user,
        }
        key {
            /// Peer as `host/address:port` or the JVM's text for other families.
            peer: String,
            /// Nearest class outside the JDK on the stack when it was opened; empty when it was open
            /// before the root began.
            opener: String,
        }
        sum {
            /// Connections opened.
            opened,
            /// Reads that gave something.
            reads,
            /// Writes.
            writes,
            /// Bytes read.
            bytes_in,
            /// Bytes written.
            bytes_out,
            /// Sampled invocations that used it.
            invocations,
        }
    }

    /// Files opened and processes started.
    host: HostUse = "deep.host" {
        ids {
            /// Root.
            root,
            /// Innermost user method, or [`crate::OUTSIDE`].
            user,
        }
        key {
            /// What it is.
            kind: HostKind,
            /// Where, without names: kind of directory and extension, `(temporary) *.png`; for a
            /// process the program's file name.
            what: String,
        }
        sum {
            /// Times.
            count,
            /// Sampled invocations that did so.
            invocations,
        }
    }

    /// Classes the invocations used or loaded.
    classes: ClassTouch = "deep.class" {
        ids {
            /// Root.
            root,
        }
        key {
            /// Dotted name.
            class_name: String,
            /// Whether the JVM hides it: a lambda, a method-handle form.
            hidden: bool,
        }
        sum {
            /// Methods of it that were entered.
            calls,
            /// Instances made, as far as probes saw it.
            created,
            /// Times it was loaded: the invocation was its first use.
            loaded,
            /// `invokedynamic` call sites in it that were linked. Each is linked in the first sample that
            /// comes to it, whether it had run before or not, so this tells which ones there are.
            linked,
            /// Sampled invocations that touched it.
            invocations,
        }
    }

    /// Exceptions.
    exceptions: ExceptionUse = "deep.exception" {
        ids {
            /// Root.
            root,
        }
        key {
            /// Class of the exception.
            class_name: String,
        }
        sum {
            /// Exceptions made.
            created,
            /// Exceptions thrown by `athrow`, each counted once.
            thrown,
            /// Sampled invocations with one.
            invocations,
        }
    }

    /// Reflective calls and accesses.
    reflection: ReflectiveUse = "deep.reflection" {
        ids {
            /// Root.
            root,
            /// Innermost user method, or [`crate::OUTSIDE`].
            user,
        }
        key {
            /// `java.lang.reflect.Method#invoke`, `java.lang.reflect.Field#get`, ….
            call: String,
            /// What it was applied to: `class#name`.
            target: String,
        }
        sum {
            /// Calls.
            count,
            /// Sampled invocations with such a call.
            invocations,
        }
    }
}

/// How a lock was taken.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum LockKind {
    /// `synchronized` block.
    #[default]
    Monitor,
    /// `synchronized` method.
    Method,
    /// `synchronized` static method.
    StaticMethod,
    /// A lock of `java.util.concurrent.locks`, a semaphore or the like.
    Juc,
    /// The thread waited: `Object.wait`, `LockSupport.park`, a condition.
    Wait,
}

/// By what means an object shared with other threads was accessed.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum SharedKind {
    /// A volatile field.
    #[default]
    Volatile,
    /// `java.lang.invoke.VarHandle`.
    VarHandle,
    /// `java.util.concurrent.atomic.Atomic…FieldUpdater`.
    FieldUpdater,
    /// `Unsafe`, as the JDK's atomics and concurrent maps use it.
    Unsafe,
}

/// How work got to another thread.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum HandoverKind {
    /// `Thread.start`.
    #[default]
    Thread,
    /// The same for a virtual thread.
    VirtualThread,
    /// A task given to an executor.
    Task,
}

/// A thing of the machine.
#[derive(
    Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize,
)]
#[serde(rename_all = "snake_case")]
pub enum HostKind {
    /// A file opened.
    #[default]
    File,
    /// A process started.
    Process,
}
