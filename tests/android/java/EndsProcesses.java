import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import knell.android.Process;

/** Starts processes, ends them in Android's ways, and says line by line what came of it. */
public class EndsProcesses {
    private static final int UID = 4_234_567; // nobody's
    private static final List<java.lang.Process> started = new ArrayList<>();

    private static java.lang.Process sleeper() throws Exception {
        java.lang.Process child = new ProcessBuilder("sleep", "60").start();
        started.add(child);
        return child;
    }

    private static int pid(java.lang.Process child) {
        return (int) child.pid();
    }

    /** 137 is what Java says of a process that SIGKILL has ended; -1: it lives. */
    private static int status(java.lang.Process child) throws Exception {
        return child.waitFor(20, TimeUnit.SECONDS) ? child.exitValue() : -1;
    }

    private static void oneProcess() throws Exception {
        java.lang.Process loud = sleeper();
        Process.killProcess(pid(loud));
        System.out.println("killProcess " + status(loud));
        java.lang.Process quiet = sleeper();
        Process.killProcessQuiet(pid(quiet));
        System.out.println("killProcessQuiet " + status(quiet));
    }

    private static void group() throws Exception {
        java.lang.Process child = sleeper();
        System.out.println("create " + Process.createProcessGroup(UID, pid(child)));
        System.out.println("signal " + Process.sendSignalToProcessGroup(UID, pid(child), 0));
        System.out.println("kill " + Process.killProcessGroup(UID, pid(child)));
        System.out.println("ended " + status(child));
        System.out.println("again " + Process.killProcessGroup(UID, pid(child)));
        Process.removeAllProcessGroups();
    }

    private static void mistakes() {
        System.out.println("pid 0 " + Process.killProcessGroup(UID, 0));
        Process.killProcess(0);
        try {
            Process.killProcessGroup(-1, 4711);
            System.out.println("no exception");
        } catch (IllegalArgumentException e) {
            System.out.println("exception " + e.getMessage());
        }
    }

    public static void main(String[] arguments) throws Exception {
        try {
            oneProcess();
            group();
            mistakes();
        } finally {
            for (java.lang.Process child : started) {
                child.destroyForcibly();
            }
        }
    }
}
