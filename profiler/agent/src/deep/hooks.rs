//! Methods of the JDK whose entry or return tells something by itself: a lock taken, a task submitted,
//! a connection, a file, a process, reflection, linking. As a table; the code is made by `emit`.

/// What an entry means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Hook {
    /// `this` is a lock that is being taken.
    Lock,
    /// The thread is about to wait.
    Park,
    /// `this` is a thread being started.
    Start,
    /// `this` is an executor, if it is one, that is given the first parameter.
    Execute,
    /// `this` gives the first parameter to other threads.
    Submit,
    /// `this` is a task that gives itself to other threads.
    Fork,
    /// `this` connects to the first parameter.
    Connect,
    /// `this` returns how many bytes it has received.
    Receive,
    /// `this` returns how many bytes it has sent.
    Send,
    /// The first parameter (`this` not counted) is a file that is opened.
    File,
    /// The first parameter is the command of a process.
    Process,
    /// `this` is a member used by reflection.
    Reflect,
    /// The JVM links what the first parameter, a class, calls.
    Link,
    /// The JVM loads a class.
    Load,
}

impl Hook {
    /// Whether the hook is all the method gets, in place and not beside the old code: the class is
    /// one that gets no other probes, or nothing inside belongs to the sample.
    pub(crate) fn is_alone(self) -> bool {
        matches!(self, Self::Start | Self::Link | Self::Load)
    }
}

/// Class, method, descriptor (empty: any) and meaning.
type Row = (&'static str, &'static str, &'static str, Hook);

const REENTRANT: &str = "java/util/concurrent/locks/ReentrantLock";
const READ_LOCK: &str = "java/util/concurrent/locks/ReentrantReadWriteLock$ReadLock";
const WRITE_LOCK: &str = "java/util/concurrent/locks/ReentrantReadWriteLock$WriteLock";
const STAMPED: &str = "java/util/concurrent/locks/StampedLock";
const SEMAPHORE: &str = "java/util/concurrent/Semaphore";
const SUPPORT: &str = "java/util/concurrent/locks/LockSupport";
const POOL: &str = "java/util/concurrent/ForkJoinPool";
const NIO_SOCKET: &str = "sun/nio/ch/NioSocketImpl";
const CHANNEL: &str = "sun/nio/ch/SocketChannelImpl";
const LINKER: &str = "java/lang/invoke/MethodHandleNatives";
const FIELD: &str = "java/lang/reflect/Field";

#[rustfmt::skip]
const HOOKS: &[Row] = &[
    (REENTRANT, "lock", "", Hook::Lock),
    (REENTRANT, "lockInterruptibly", "", Hook::Lock),
    (REENTRANT, "tryLock", "", Hook::Lock),
    (READ_LOCK, "lock", "", Hook::Lock),
    (READ_LOCK, "lockInterruptibly", "", Hook::Lock),
    (READ_LOCK, "tryLock", "", Hook::Lock),
    (WRITE_LOCK, "lock", "", Hook::Lock),
    (WRITE_LOCK, "lockInterruptibly", "", Hook::Lock),
    (WRITE_LOCK, "tryLock", "", Hook::Lock),
    (STAMPED, "readLock", "", Hook::Lock),
    (STAMPED, "writeLock", "", Hook::Lock),
    (STAMPED, "tryOptimisticRead", "", Hook::Lock),
    (SEMAPHORE, "acquire", "", Hook::Lock),
    (SEMAPHORE, "acquireUninterruptibly", "", Hook::Lock),
    (SEMAPHORE, "tryAcquire", "", Hook::Lock),
    (SUPPORT, "park", "", Hook::Park),
    (SUPPORT, "parkNanos", "", Hook::Park),
    (SUPPORT, "parkUntil", "", Hook::Park),
    ("java/lang/Thread", "start", "()V", Hook::Start),
    ("java/lang/Thread", "start", "(Ljdk/internal/vm/ThreadContainer;)V", Hook::Start),
    ("java/lang/VirtualThread", "start", "(Ljdk/internal/vm/ThreadContainer;)V", Hook::Start),
    (POOL, "submit", "", Hook::Submit),
    (POOL, "execute", "(Ljava/util/concurrent/ForkJoinTask;)V", Hook::Submit),
    ("java/util/concurrent/ForkJoinTask", "fork", "", Hook::Fork),
    ("java/util/concurrent/ScheduledThreadPoolExecutor", "delayedExecute", "", Hook::Submit),
    ("java/util/Timer", "sched", "", Hook::Submit),
    (NIO_SOCKET, "connect", "(Ljava/net/SocketAddress;I)V", Hook::Connect),
    (NIO_SOCKET, "implRead", "", Hook::Receive),
    (NIO_SOCKET, "implWrite", "", Hook::Send),
    (CHANNEL, "connect", "(Ljava/net/SocketAddress;)Z", Hook::Connect),
    (CHANNEL, "blockingConnect", "", Hook::Connect),
    (CHANNEL, "read", "", Hook::Receive),
    (CHANNEL, "blockingRead", "", Hook::Receive),
    (CHANNEL, "write", "", Hook::Send),
    ("java/io/FileInputStream", "open", "(Ljava/lang/String;)V", Hook::File),
    ("java/io/FileOutputStream", "open", "(Ljava/lang/String;Z)V", Hook::File),
    ("java/io/RandomAccessFile", "open", "(Ljava/lang/String;I)V", Hook::File),
    ("sun/nio/fs/UnixNativeDispatcher", "open", "", Hook::File),
    ("java/lang/ProcessImpl", "start", "", Hook::Process),
    ("java/lang/reflect/Method", "invoke", "", Hook::Reflect),
    ("java/lang/reflect/Constructor", "newInstance", "", Hook::Reflect),
    (FIELD, "get", "", Hook::Reflect),
    (FIELD, "getBoolean", "", Hook::Reflect),
    (FIELD, "getByte", "", Hook::Reflect),
    (FIELD, "getChar", "", Hook::Reflect),
    (FIELD, "getShort", "", Hook::Reflect),
    (FIELD, "getInt", "", Hook::Reflect),
    (FIELD, "getLong", "", Hook::Reflect),
    (FIELD, "getFloat", "", Hook::Reflect),
    (FIELD, "getDouble", "", Hook::Reflect),
    (FIELD, "set", "", Hook::Reflect),
    (FIELD, "setBoolean", "", Hook::Reflect),
    (FIELD, "setByte", "", Hook::Reflect),
    (FIELD, "setChar", "", Hook::Reflect),
    (FIELD, "setShort", "", Hook::Reflect),
    (FIELD, "setInt", "", Hook::Reflect),
    (FIELD, "setLong", "", Hook::Reflect),
    (FIELD, "setFloat", "", Hook::Reflect),
    (FIELD, "setDouble", "", Hook::Reflect),
    (LINKER, "linkCallSite", "", Hook::Link),
    (LINKER, "linkDynamicConstant", "", Hook::Link),
    (LINKER, "linkMethodHandleConstant", "", Hook::Link),
    (LINKER, "linkMethod", "", Hook::Link),
    (LINKER, "findMethodHandleType", "", Hook::Load),
    ("java/lang/ClassLoader", "loadClass", "(Ljava/lang/String;)Ljava/lang/Class;", Hook::Load),
];

/// The hook of a method, if it has one.
pub(crate) fn hook_of(class: &[u8], method: &[u8], descriptor: &[u8]) -> Option<Hook> {
    if method == b"execute" && descriptor == b"(Ljava/lang/Runnable;)V" {
        return Some(Hook::Execute);
    }
    let row = HOOKS.iter().find(|(owner, name, exactly, _)| {
        owner.as_bytes() == class
            && name.as_bytes() == method
            && (exactly.is_empty() || exactly.as_bytes() == descriptor)
    });
    row.map(|(.., hook)| *hook)
}

/// Whether a method of the class has a hook of its own.
pub(crate) fn has_hooks(class: &[u8]) -> bool {
    HOOKS.iter().any(|(owner, ..)| owner.as_bytes() == class)
}
