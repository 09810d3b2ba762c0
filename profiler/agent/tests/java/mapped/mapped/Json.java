// Candidates by an annotation that is composed of Spring's.
package mapped;

import contract.JsonController;

@JsonController
class Json {
    int any(int n) {
        return Integer.toString(n).length();
    }
}
