// A resource whose annotations all stand on the interface.
package contract;

import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;

@Path
public interface Resource {
    @GET
    int size();
}
