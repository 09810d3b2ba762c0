// Writes files, sets properties and opens addresses in each form of call that there is, and prints what came of it.
import java.io.ByteArrayInputStream;
import java.io.File;
import java.io.FileOutputStream;
import java.io.FileWriter;
import java.io.PrintWriter;
import java.io.RandomAccessFile;
import java.io.StringWriter;
import java.net.Socket;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;

public class Effects {
    /** The name goes to the superclass before there is an object. */
    static class Counted extends FileOutputStream {
        int count;

        Counted(String name, boolean append) throws Exception {
            super(name, append);
            count = 1;
        }
    }

    public static void main(String[] none) throws Exception {
        File folder = Files.createTempDirectory("effects").toFile();
        File file = new File(folder, "a");
        try (FileOutputStream out = new FileOutputStream(file, false)) {
            out.write(1);
        }
        try (Counted out = new Counted(file.getPath(), true)) {
            out.write(2);
            System.out.println(out.count);
        }
        try (FileWriter out = new FileWriter(file.getPath(), StandardCharsets.UTF_8, true)) {
            out.write("three");
        }
        try (RandomAccessFile out = new RandomAccessFile(file, "rw")) {
            System.out.println(out.length());
        }
        StringWriter text = new StringWriter();
        new PrintWriter(text, true).println("no file");
        System.out.println(text.toString().trim());
        Path copy = folder.toPath().resolve("b");
        System.out.println(Files.copy(new ByteArrayInputStream(new byte[7]), copy, StandardCopyOption.REPLACE_EXISTING));
        Files.copy(file.toPath(), copy, StandardCopyOption.REPLACE_EXISTING);
        System.out.println(Files.size(copy));
        Files.writeString(copy, "x");
        System.out.println(file.setLastModified(86_400_000L) + " " + file.lastModified());
        System.out.println(file.delete() && Files.deleteIfExists(copy) && folder.delete());
        System.setProperty("effects.name", "set");
        System.out.println(System.getProperty("effects.name"));
        try (Socket socket = new Socket()) {
            System.out.println(socket.isConnected());
        }
        System.out.println(new URL("http://localhost:1/x").openConnection().getURL());
    }
}
