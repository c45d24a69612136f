package knell.android;

/**
 * Android's {@code android.os.Process}, as far as it ends processes, on any Linux.
 *
 * <p>Needs {@code libknell_jni.so}: where {@link System#loadLibrary} looks, or where the property
 * {@code knell.jni} names it. What Android would write to its log goes to the {@link System.Logger}
 * "knell.android". Groups lie where the environment variable KNELL_ANDROID_ROOT says; docs/android.md
 * tells where else.
 */
public final class Process {
    public static final int SIGNAL_QUIT = 3;
    public static final int SIGNAL_KILL = 9;
    public static final int SIGNAL_USR1 = 10;

    private static final System.Logger.Level[] LEVELS = {
        System.Logger.Level.TRACE,
        System.Logger.Level.INFO,
        System.Logger.Level.WARNING,
        System.Logger.Level.ERROR,
    };

    static {
        String library = System.getProperty("knell.jni");
        if (library != null) {
            System.load(library);
        } else {
            System.loadLibrary("knell_jni");
        }
    }

    private Process() {}

    /** Ends the process; logged. Nothing for pid &lt;= 0. */
    public static void killProcess(int pid) {
        sendSignal(pid, SIGNAL_KILL);
    }

    /** The same, not logged. */
    public static void killProcessQuiet(int pid) {
        sendSignalQuiet(pid, SIGNAL_KILL);
    }

    /** Sends a signal to the process; logged. Nothing for pid &lt;= 0. */
    public static native void sendSignal(int pid, int signal);

    /** The same, not logged. */
    public static native void sendSignalQuiet(int pid, int signal);

    /**
     * Ends all in the group that was made for the process, and removes the group.
     *
     * @return 0 if it is gone, -1 if somebody is left after 2.2 s or there was no such group
     * @throws IllegalArgumentException if uid is negative
     */
    public static native int killProcessGroup(int uid, int pid);

    /**
     * Sends a signal to all in the group, and waits for nobody.
     *
     * @return false if there was no such group
     * @throws IllegalArgumentException if uid is negative
     */
    public static native boolean sendSignalToProcessGroup(int uid, int pid, int signal);

    /**
     * Puts the process into a group of its own. (On Android its native parts do that when they start
     * an app: android.os.Process has no such method.)
     *
     * @return 0, or -errno
     * @throws IllegalArgumentException if uid is negative
     */
    public static native int createProcessGroup(int uid, int pid);

    /** Removes all groups that nobody is in. */
    public static native void removeAllProcessGroups();

    /** Called from process_jni.cpp. */
    private static void log(int level, String text) {
        System.getLogger("knell.android").log(LEVELS[level], text);
    }
}
