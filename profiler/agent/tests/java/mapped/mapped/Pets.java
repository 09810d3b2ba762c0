// Nothing stands on this class: its interface says what serves requests.
package mapped;

import contract.PetsApi;

class Pets implements PetsApi {
    @Override
    public String pet(int id) {
        return Integer.toString(id);
    }

    @Override
    public String unmapped(int id) {
        return Integer.toString(id);
    }

    @Override
    public Object read(Integer key) {
        return key.toString();
    }
}
