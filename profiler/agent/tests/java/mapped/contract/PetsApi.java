// Mappings on an interface in a library, as generators of web interfaces make them.
package contract;

public interface PetsApi extends Reading<Integer> {
    @Fetch
    String pet(int id);

    String unmapped(int id);
}
