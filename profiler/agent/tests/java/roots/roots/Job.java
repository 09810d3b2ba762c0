// No annotation: timed because the user names it.
package roots;

public class Job {
    int work(int n) {
        return Integer.toString(n).length();
    }
}
