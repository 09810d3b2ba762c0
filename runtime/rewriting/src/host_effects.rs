//! Calls of the JDK that reach beyond the invocation: files written, processes, connections, settings of
//! the whole JVM and questions about it. On a worker they would happen beside the application, and again
//! if the root ran once more at home, or be answered for the wrong JVM; so each asks the runtime first,
//! which refuses the invocation. Which calls, as a table; what is allowed all the same (files that the
//! worker has made as temporary ones), the runtime knows.

use beehive_classfile::opcode::INVOKESTATIC;
use beehive_classfile::{
    ClassFileError, Constants, Emitter, Instruction, Kind, MemberRef, StaticMethod, Text,
    parameters,
};

use crate::hooks::HOST_EFFECTS;

/// Which operand says what the call is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Place {
    /// A file: the n-th operand, the receiver being the 0th where there is one.
    File(usize),
    /// A URL, the receiver.
    Url,
    /// None, or it does not matter: another host, a process, a setting of the JVM.
    Anywhere,
}
use Place::{Anywhere, File, Url};

/// Methods of one class: internal name, names, beginning of the descriptors, place.
struct Row(&'static str, &'static [&'static str], &'static str, Place);

/// The table. `<init>` stands for a constructor, whose 0th operand is the object.
const ROWS: [Row; 66] = [
    // Bound on the worker, a value would not be bound at home, where what the root calls may ask for it.
    Row("java/lang/ScopedValue", &["where"], "(", Anywhere),
    Row("java/io/FileOutputStream", &["<init>"], "(Ljava/lang/String;", File(1)),
    Row("java/io/FileOutputStream", &["<init>"], "(Ljava/io/File;", File(1)),
    Row("java/io/FileWriter", &["<init>"], "(Ljava/lang/String;", File(1)),
    Row("java/io/FileWriter", &["<init>"], "(Ljava/io/File;", File(1)),
    Row("java/io/PrintWriter", &["<init>"], "(Ljava/lang/String;", File(1)),
    Row("java/io/PrintWriter", &["<init>"], "(Ljava/io/File;", File(1)),
    Row("java/io/PrintStream", &["<init>"], "(Ljava/lang/String;", File(1)),
    Row("java/io/PrintStream", &["<init>"], "(Ljava/io/File;", File(1)),
    Row("java/io/RandomAccessFile", &["<init>"], "(", File(1)),
    Row("java/util/Formatter", &["<init>"], "(Ljava/lang/String;", File(1)),
    Row("java/util/Formatter", &["<init>"], "(Ljava/io/File;", File(1)),
    Row("java/util/logging/FileHandler", &["<init>"], "(", Anywhere),
    Row(
        "java/io/File",
        &[
            "createNewFile",
            "delete",
            "mkdir",
            "mkdirs",
            "setLastModified",
            "setReadOnly",
            "setWritable",
            "setReadable",
            "setExecutable",
        ],
        "(",
        File(0),
    ),
    Row("java/io/File", &["deleteOnExit", "renameTo"], "(", Anywhere),
    Row(
        "java/nio/file/Files",
        &[
            "write",
            "writeString",
            "newOutputStream",
            "newBufferedWriter",
            "newByteChannel",
            "delete",
            "deleteIfExists",
            "createFile",
            "createDirectory",
            "createDirectories",
            "createLink",
            "createSymbolicLink",
            "setAttribute",
            "setLastModifiedTime",
            "setOwner",
            "setPosixFilePermissions",
        ],
        "(Ljava/nio/file/Path;",
        File(0),
    ),
    Row("java/nio/file/Files", &["copy"], "(Ljava/nio/file/Path;Ljava/nio/file/Path;", File(1)),
    Row("java/nio/file/Files", &["copy"], "(Ljava/io/InputStream;", File(1)),
    Row("java/nio/file/Files", &["move"], "(", Anywhere),
    Row("java/nio/channels/FileChannel", &["open"], "(", File(0)),
    Row("java/nio/channels/AsynchronousFileChannel", &["open"], "(", File(0)),
    Row("java/lang/ProcessBuilder", &["start", "startPipeline"], "(", Anywhere),
    Row("java/lang/Process", &["destroy", "destroyForcibly"], "(", Anywhere),
    // The number of this process is asked for only to make something unique of it, which a worker's does as well.
    Row("java/lang/ProcessHandle", &["destroy", "destroyForcibly"], "(", Anywhere),
    Row(
        "java/lang/Runtime",
        &[
            "exec",
            "exit",
            "halt",
            "addShutdownHook",
            "removeShutdownHook",
            "totalMemory",
            "freeMemory",
            "maxMemory",
        ],
        "(",
        Anywhere,
    ),
    Row(
        "java/lang/management/ManagementFactory",
        &[
            "getPlatformMBeanServer",
            "getMemoryMXBean",
            "getMemoryPoolMXBeans",
            "getGarbageCollectorMXBeans",
            "getThreadMXBean",
            "getRuntimeMXBean",
            "getOperatingSystemMXBean",
            "getClassLoadingMXBean",
            "getCompilationMXBean",
            "getPlatformMXBean",
            "getPlatformMXBeans",
        ],
        "(",
        Anywhere,
    ),
    Row(
        "java/util/prefs/Preferences",
        &["userRoot", "systemRoot", "userNodeForPackage", "systemNodeForPackage"],
        "(",
        Anywhere,
    ),
    Row(
        "java/sql/DriverManager",
        &["registerDriver", "deregisterDriver", "setLoginTimeout", "setLogWriter"],
        "(",
        Anywhere,
    ),
    Row(
        "java/lang/System",
        &["exit", "setProperty", "clearProperty", "setProperties", "setOut", "setErr", "setIn"],
        "(",
        Anywhere,
    ),
    Row("java/util/Locale", &["setDefault"], "(", Anywhere),
    Row("java/util/TimeZone", &["setDefault"], "(", Anywhere),
    Row(
        "java/lang/Thread",
        &["setDefaultUncaughtExceptionHandler", "getAllStackTraces", "activeCount", "enumerate"],
        "(",
        Anywhere,
    ),
    Row(
        "java/security/Security",
        &["addProvider", "insertProviderAt", "removeProvider", "setProperty"],
        "(",
        Anywhere,
    ),
    Row("java/net/Authenticator", &["setDefault"], "(", Anywhere),
    Row("java/net/CookieHandler", &["setDefault"], "(", Anywhere),
    Row("java/net/ProxySelector", &["setDefault"], "(", Anywhere),
    Row("javax/net/ssl/SSLContext", &["setDefault"], "(", Anywhere),
    Row(
        "javax/net/ssl/HttpsURLConnection",
        &["setDefaultSSLSocketFactory", "setDefaultHostnameVerifier"],
        "(",
        Anywhere,
    ),
    Row("java/net/HttpURLConnection", &["setFollowRedirects"], "(", Anywhere),
    Row("javax/imageio/ImageIO", &["setUseCache", "setCacheDirectory"], "(", Anywhere),
    Row("java/net/Socket", &["<init>"], "(Ljava/lang/String;", Anywhere),
    Row("java/net/Socket", &["<init>"], "(Ljava/net/InetAddress;", Anywhere),
    Row("java/net/Socket", &["connect"], "(", Anywhere),
    Row("javax/net/ssl/SSLSocket", &["connect"], "(", Anywhere),
    Row("javax/net/SocketFactory", &["createSocket"], "(L", Anywhere),
    Row("javax/net/ssl/SSLSocketFactory", &["createSocket"], "(L", Anywhere),
    Row("java/net/DatagramSocket", &["send", "connect", "bind"], "(", Anywhere),
    Row("java/net/MulticastSocket", &["send", "joinGroup"], "(", Anywhere),
    Row("java/net/ServerSocket", &["<init>"], "(I", Anywhere),
    Row("java/net/ServerSocket", &["bind"], "(", Anywhere),
    Row("java/net/InetAddress", &["isReachable"], "(", Anywhere),
    Row("java/net/URL", &["openStream", "openConnection", "getContent"], "()", Url),
    Row("java/net/URL", &["openConnection"], "(Ljava/net/Proxy;", Anywhere),
    Row("java/nio/channels/SocketChannel", &["connect"], "(", Anywhere),
    Row("java/nio/channels/SocketChannel", &["open"], "(Ljava/net/SocketAddress;", Anywhere),
    Row("java/nio/channels/AsynchronousSocketChannel", &["connect"], "(", Anywhere),
    Row("java/nio/channels/DatagramChannel", &["send", "connect", "bind"], "(", Anywhere),
    Row("java/nio/channels/ServerSocketChannel", &["bind"], "(", Anywhere),
    Row("java/nio/channels/AsynchronousServerSocketChannel", &["bind"], "(", Anywhere),
    Row("java/net/http/HttpClient", &["newHttpClient"], "(", Anywhere),
    Row("java/net/http/HttpClient$Builder", &["build"], "(", Anywhere),
    Row("javax/naming/directory/InitialDirContext", &["<init>"], "(", Anywhere),
    Row("javax/naming/ldap/InitialLdapContext", &["<init>"], "(", Anywhere),
    Row("java/rmi/Naming", &["lookup", "bind", "rebind", "unbind", "list"], "(", Anywhere),
    Row("java/rmi/registry/LocateRegistry", &["getRegistry", "createRegistry"], "(", Anywhere),
    Row(
        "javax/management/remote/JMXConnectorFactory",
        &["connect", "newJMXConnector"],
        "(",
        Anywhere,
    ),
];

const ATTRIBUTES: &str = "[Ljava/nio/file/attribute/FileAttribute;)Ljava/nio/file/Path;";
const STRING: &str = "Ljava/lang/String;";
const PATH: &str = "Ljava/nio/file/Path;";

/// The declared constants.
#[derive(Debug, Clone)]
pub(crate) struct HostEffectCode {
    file: StaticMethod,
    url: StaticMethod,
    anywhere: StaticMethod,
    /// Texts of the rows, one for each name.
    texts: Vec<Vec<Text>>,
    /// Class, name, descriptor and twin.
    twins: Vec<(&'static str, &'static str, String, StaticMethod)>,
}

impl HostEffectCode {
    pub(crate) fn declare(constants: &mut Constants) -> Result<Self, ClassFileError> {
        let mut hook = |name, takes| constants.static_method(HOST_EFFECTS, name, takes);
        let file = hook("file", "(Ljava/lang/Object;Ljava/lang/String;)V")?;
        let url = hook("url", "(Ljava/net/URL;)V")?;
        let anywhere = hook("anywhere", "(Ljava/lang/String;)V")?;
        let mut twins = Vec::new();
        for (owner, name, descriptor) in temporaries() {
            let twin = constants.static_method(HOST_EFFECTS, name, &descriptor)?;
            twins.push((owner, name, descriptor, twin));
        }
        let mut text = |owner: &str, name: &str| {
            let class = owner.replace('/', ".");
            let what =
                if name == "<init>" { format!("new {class}") } else { format!("{class}#{name}") };
            constants.string(&what)
        };
        let texts = ROWS.iter().map(|row| row.1.iter().map(|name| text(row.0, name)).collect());
        let texts = texts.collect();
        Ok(Self { file, url, anywhere, texts, twins })
    }

    /// The twin that a static method is redirected to.
    pub(crate) fn twin_of(&self, method: MemberRef<'_>) -> Option<StaticMethod> {
        let mut twins = self.twins.iter();
        let twin = twins.find(|(owner, name, descriptor, _)| {
            method.owner == *owner
                && method.name == *name
                && method.descriptor == descriptor.as_str()
        });
        twin.map(|(.., twin)| *twin)
    }

    /// Before a call of the table: the runtime is asked. Other calls stay as they are.
    pub(crate) fn check(&self, at: &Instruction<'_, '_>, emit: &mut Emitter<'_>) {
        let Some(method) =
            at.member().filter(|method| method.owner.as_bytes().starts_with(b"java"))
        else {
            return;
        };
        let Some((row, text)) = self.row_of(method) else { return };
        match row.3 {
            Anywhere => {
                emit.push_string(text);
                emit.invokestatic(self.anywhere);
            }
            Url => {
                emit.dup();
                emit.invokestatic(self.url);
            }
            File(place) => {
                let receiver = usize::from(at.opcode() != INVOKESTATIC);
                let above = parameters(method.descriptor, 0).map(|p| p.kind).collect::<Vec<_>>();
                let above = above.get((place + 1).saturating_sub(receiver)..).unwrap_or_default();
                let slots = put_aside(above, emit);
                emit.dup();
                emit.push_string(text);
                emit.invokestatic(self.file);
                for (kind, slot) in slots.into_iter().rev() {
                    emit.load(kind, slot);
                }
            }
        }
    }

    fn row_of(&self, method: MemberRef<'_>) -> Option<(&'static Row, Text)> {
        let rows = ROWS.iter().zip(&self.texts);
        let mut found = rows.filter_map(|(row, texts)| {
            let fits =
                method.owner == row.0 && method.descriptor.as_bytes().starts_with(row.2.as_bytes());
            let name = row.1.iter().position(|name| fits && method.name == *name)?;
            Some((row, *texts.get(name)?))
        });
        found.next()
    }
}

/// Stores the operands on top, the last first; gives them in the order in which they were stored.
fn put_aside(kinds: &[Kind], emit: &mut Emitter<'_>) -> Vec<(Kind, u16)> {
    let mut offset = 0;
    let mut slots = Vec::new();
    for kind in kinds.iter().rev() {
        let slot = emit.scratch(offset);
        emit.store(*kind, slot);
        slots.push((*kind, slot));
        offset += kind.slots();
    }
    slots
}

/// Static methods that make temporary files: class, name and descriptor. Their twins in the runtime, of the
/// same name, remember what they have made.
fn temporaries() -> Vec<(&'static str, &'static str, String)> {
    let (io, nio) = ("java/io/File", "java/nio/file/Files");
    let (file, directory) = ("createTempFile", "createTempDirectory");
    vec![
        (io, file, format!("({STRING}{STRING})Ljava/io/File;")),
        (io, file, format!("({STRING}{STRING}Ljava/io/File;)Ljava/io/File;")),
        (nio, file, format!("({STRING}{STRING}{ATTRIBUTES}")),
        (nio, file, format!("({PATH}{STRING}{STRING}{ATTRIBUTES}")),
        (nio, directory, format!("({STRING}{ATTRIBUTES}")),
        (nio, directory, format!("({PATH}{STRING}{ATTRIBUTES}")),
    ]
}
