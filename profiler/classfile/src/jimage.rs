//! `JImage`: reads `lib/modules` of a JDK, the file that holds every class of every module
//! since JDK 9 (JDK 25 may have no other). The index is kept in memory, resources are read
//! from the file on demand. The layout follows `jimage` of OpenJDK (`imageFile.hpp`).

use std::fs::File;
use std::io::Read;
use std::path::{Path, PathBuf};

use crate::error::ClassFileError;
use crate::jimage_location::{Location, Resource, hash};

const MAGIC: u32 = 0xcafe_dada;
const VERSION_MAJOR: u32 = 1;
const HEADER_BYTES: usize = 28;
/// Magic, two sizes, two offsets of strings, a flag.
const COMPRESSED_HEADER_BYTES: usize = 29;
const COMPRESSED_MAGIC: u32 = 0xcafe_fafa;
/// No JDK has an index near this size; more is a broken file, not to be allocated.
const INDEX_BYTES_MAX: u64 = 1 << 30;

/// Reads integers in the byte order of the machine that the JDK was built for.
#[derive(Debug, Clone, Copy)]
struct Order {
    little: bool,
}

impl Order {
    fn u32(self, bytes: &[u8], at: usize) -> Option<u32> {
        let chunk = *bytes.get(at..)?.first_chunk()?;
        Some(if self.little { u32::from_le_bytes(chunk) } else { u32::from_be_bytes(chunk) })
    }

    fn u64(self, bytes: &[u8], at: usize) -> Option<u64> {
        let chunk = *bytes.get(at..)?.first_chunk()?;
        Some(if self.little { u64::from_le_bytes(chunk) } else { u64::from_be_bytes(chunk) })
    }
}

/// An open `lib/modules`.
#[derive(Debug)]
pub struct JImage {
    file: File,
    path: PathBuf,
    order: Order,
    /// Slots of the hash tables.
    slots: usize,
    /// Header, redirect table, offsets table, locations, strings.
    index: Vec<u8>,
    locations_at: usize,
    strings_at: usize,
}

impl JImage {
    /// Opens the image of a JDK by its home folder.
    pub fn open_jdk(java_home: &Path) -> Result<Self, ClassFileError> {
        Self::open(&java_home.join("lib").join("modules"))
    }

    /// Opens an image file.
    pub fn open(path: &Path) -> Result<Self, ClassFileError> {
        let io = |source| ClassFileError::Io { path: path.to_owned(), source };
        let bad = |what| ClassFileError::BadImage { path: path.to_owned(), what };
        let mut file = File::open(path).map_err(io)?;
        let mut header = [0; HEADER_BYTES];
        file.read_exact(&mut header).map_err(io)?;
        let little = u32::from_le_bytes([header[0], header[1], header[2], header[3]]) == MAGIC;
        let order = Order { little };
        let field = |at| order.u32(&header, at).unwrap_or(0);
        if field(0) != MAGIC {
            return Err(bad("magic"));
        }
        if field(4) >> 16 != VERSION_MAJOR {
            return Err(bad("version"));
        }
        let slots = u64::from(field(16));
        let locations_at = HEADER_BYTES as u64 + 8 * slots;
        let strings_at = locations_at + u64::from(field(20));
        let index_bytes = strings_at + u64::from(field(24));
        if slots == 0 || index_bytes > INDEX_BYTES_MAX {
            return Err(bad("size of the index"));
        }
        let mut index = header.to_vec();
        let rest = index_bytes - HEADER_BYTES as u64;
        (&file).take(rest).read_to_end(&mut index).map_err(io)?;
        if index.len() as u64 != index_bytes {
            return Err(bad("length of the index"));
        }
        Ok(Self {
            file,
            path: path.to_owned(),
            order,
            slots: slots as usize,
            index,
            locations_at: locations_at as usize,
            strings_at: strings_at as usize,
        })
    }

    /// The file that was opened.
    pub fn path(&self) -> &Path {
        &self.path
    }

    /// Everything in the image, in the order of its hash table. Packages and modules have
    /// entries too; see [`classes`](Self::classes).
    pub fn resources(&self) -> impl Iterator<Item = Resource<'_>> {
        (0..self.slots).filter_map(|slot| self.resource(slot))
    }

    /// Every class of every module, `module-info` included.
    pub fn classes(&self) -> impl Iterator<Item = Resource<'_>> {
        self.resources().filter(|resource| resource.extension() == "class")
    }

    /// A class by its module and its internal name: `("java.base", "java/lang/Object")`.
    pub fn find_class(&self, module: &str, name: &str) -> Option<Resource<'_>> {
        let (parent, base) = name.rsplit_once('/').unwrap_or(("", name));
        self.find(module, parent, base, "class")
    }

    /// A class by its internal name alone: the module is found by its package.
    pub fn find_class_anywhere(&self, name: &str) -> Option<Resource<'_>> {
        let (parent, _) = name.rsplit_once('/')?;
        self.find_class(&self.module_of_package(parent)?, name)
    }

    /// The module whose package `package` (`java/util`) has classes.
    pub fn module_of_package(&self, package: &str) -> Option<String> {
        let entry = self.find("packages", "", &package.replace('/', "."), "")?;
        let mut rows = Vec::new();
        self.read(entry, &mut rows).ok()?;
        // Rows of "is empty" and the offset of the module's name.
        let row = rows.chunks_exact(8).find(|row| self.order.u32(row, 0) == Some(0))?;
        Some(self.string(self.order.u32(row, 4)?)?.to_owned())
    }

    fn find(&self, module: &str, parent: &str, base: &str, ext: &str) -> Option<Resource<'_>> {
        let parts = [module, parent, base, ext];
        let slot = |hash: u32| hash as usize % self.slots;
        let redirect = self.order.u32(&self.index, HEADER_BYTES + 4 * slot(hash(parts, None)))?;
        let found = match redirect.cast_signed() {
            0 => return None,
            seed if seed > 0 => slot(hash(parts, Some(redirect))),
            taken => usize::try_from(-1 - i64::from(taken)).ok()?,
        };
        self.resource(found).filter(|resource| resource.is(parts))
    }

    fn resource(&self, slot: usize) -> Option<Resource<'_>> {
        let at = HEADER_BYTES + 4 * (self.slots + slot);
        if slot >= self.slots {
            return None;
        }
        let offset = self.order.u32(&self.index, at)? as usize;
        let attributes = self.index.get(self.locations_at..self.strings_at)?.get(offset..)?;
        let location = Location::parse(attributes)?;
        let text = |at| self.string(u32::try_from(at).ok()?);
        Some(Resource {
            module: text(location.module)?,
            parent: text(location.parent)?,
            base: text(location.base)?,
            extension: text(location.extension)?,
            location,
        })
    }

    /// The text that starts at `offset` of the strings.
    fn string(&self, offset: u32) -> Option<&str> {
        let bytes = self.index.get(self.strings_at..)?.get(offset as usize..)?;
        let end = bytes.iter().position(|byte| *byte == 0)?;
        std::str::from_utf8(bytes.get(..end)?).ok()
    }

    /// Reads a resource into `bytes`, which is cleared before.
    pub fn read(&self, resource: Resource<'_>, bytes: &mut Vec<u8>) -> Result<(), ClassFileError> {
        let Location { offset, compressed, size, .. } = resource.location;
        let stored = if compressed == 0 { size } else { compressed };
        bytes.clear();
        let at = self.index.len() as u64 + offset;
        let io = |source| ClassFileError::Io { path: self.path.clone(), source };
        // A broken length must not be allocated before the file is seen to be shorter.
        let file_bytes = self.file.metadata().map_err(io)?.len();
        if at.checked_add(stored).is_none_or(|end| end > file_bytes) {
            return Err(self.bad("offset of a resource"));
        }
        bytes.resize(stored as usize, 0);
        read_exact_at(&self.file, bytes, at).map_err(io)?;
        while self.order.u32(bytes, 0) == Some(COMPRESSED_MAGIC) {
            *bytes = self.decompress(bytes)?;
        }
        if bytes.len() as u64 == size { Ok(()) } else { Err(self.bad("size of a resource")) }
    }

    fn bad(&self, what: &'static str) -> ClassFileError {
        ClassFileError::BadImage { path: self.path.clone(), what }
    }

    /// Undoes one layer of `jlink --compress`.
    fn decompress(&self, bytes: &[u8]) -> Result<Vec<u8>, ClassFileError> {
        let header = || {
            let size = self.order.u64(bytes, 12)?;
            let name = self.string(self.order.u32(bytes, 20)?)?;
            Some((size, name, bytes.get(COMPRESSED_HEADER_BYTES..)?))
        };
        let (size, name, packed) = header().ok_or_else(|| self.bad("compressed resource"))?;
        if name != "zip" {
            let compression = name.to_owned();
            return Err(ClassFileError::CompressedImage { path: self.path.clone(), compression });
        }
        let mut unpacked = Vec::new();
        let io = |source| ClassFileError::Io { path: self.path.clone(), source };
        let decoder = flate2::read::ZlibDecoder::new(packed);
        decoder.take(size).read_to_end(&mut unpacked).map_err(io)?;
        Ok(unpacked)
    }
}

/// Fills `bytes` from `at` on, without moving the file's own position: many threads may read.
#[cfg(unix)]
fn read_exact_at(file: &File, bytes: &mut [u8], at: u64) -> std::io::Result<()> {
    std::os::unix::fs::FileExt::read_exact_at(file, bytes, at)
}

/// Fills `bytes` from `at` on.
#[cfg(windows)]
fn read_exact_at(file: &File, mut bytes: &mut [u8], mut at: u64) -> std::io::Result<()> {
    while !bytes.is_empty() {
        let count = std::os::windows::fs::FileExt::seek_read(file, bytes, at)?;
        if count == 0 {
            return Err(std::io::ErrorKind::UnexpectedEof.into());
        }
        bytes = bytes.split_at_mut(count).1;
        at += count as u64;
    }
    Ok(())
}
