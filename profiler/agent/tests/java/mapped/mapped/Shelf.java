// A resource: all its methods are candidates, because the interface carries the path.
package mapped;

import contract.Resource;

class Shelf implements Resource {
    @Override
    public int size() {
        return Integer.parseInt("3");
    }
}
