// One candidate by a composed mapping; the other method is none.
package mapped;

import contract.Fetch;

class Fetching {
    @Fetch
    int fetch(int n) {
        return Integer.toString(n).length();
    }

    int other(int n) {
        return Integer.toString(n).length();
    }
}
