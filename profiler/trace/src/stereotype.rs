//! Annotations by which frameworks mark the classes and methods that serve requests. The agent gives
//! such methods a clock, the analyzer makes them candidates; one table serves both.
//!
//! Sources: reference documentation of Spring Framework 6, Jakarta REST 3.1, Micronaut 4, Quarkus 3.

/// Annotations of a class whose methods are candidates, dotted.
const CLASS_STEREOTYPES: &[&str] = &[
    "org.springframework.stereotype.Component",
    "org.springframework.stereotype.Controller",
    "org.springframework.stereotype.Service",
    "org.springframework.stereotype.Repository",
    "org.springframework.web.bind.annotation.RestController",
    "org.springframework.graphql.data.method.annotation.GraphQlController",
    "jakarta.ws.rs.Path",
    "javax.ws.rs.Path",
    "jakarta.enterprise.context.ApplicationScoped",
    "javax.enterprise.context.ApplicationScoped",
    "jakarta.enterprise.context.RequestScoped",
    "javax.enterprise.context.RequestScoped",
    "jakarta.inject.Singleton",
    "javax.inject.Singleton",
    "jakarta.ejb.Stateless",
    "javax.ejb.Stateless",
    "jakarta.servlet.annotation.WebServlet",
    "javax.servlet.annotation.WebServlet",
    "io.micronaut.http.annotation.Controller",
    "io.micronaut.context.annotation.Prototype",
    "io.quarkus.grpc.GrpcService",
];

/// Annotations of a method that make it a candidate whatever its class, dotted.
const METHOD_MAPPINGS: &[&str] = &[
    "org.springframework.web.bind.annotation.RequestMapping",
    "org.springframework.web.bind.annotation.GetMapping",
    "org.springframework.web.bind.annotation.PostMapping",
    "org.springframework.web.bind.annotation.PutMapping",
    "org.springframework.web.bind.annotation.DeleteMapping",
    "org.springframework.web.bind.annotation.PatchMapping",
    "org.springframework.graphql.data.method.annotation.QueryMapping",
    "org.springframework.graphql.data.method.annotation.MutationMapping",
    "org.springframework.transaction.annotation.Transactional",
    "org.springframework.web.service.annotation.HttpExchange",
    "org.springframework.messaging.handler.annotation.MessageMapping",
    "org.springframework.scheduling.annotation.Scheduled",
    "org.springframework.kafka.annotation.KafkaListener",
    "org.springframework.amqp.rabbit.annotation.RabbitListener",
    "org.springframework.jms.annotation.JmsListener",
    "jakarta.transaction.Transactional",
    "javax.transaction.Transactional",
    "jakarta.ws.rs.GET",
    "jakarta.ws.rs.POST",
    "jakarta.ws.rs.PUT",
    "jakarta.ws.rs.DELETE",
    "jakarta.ws.rs.PATCH",
    "jakarta.ws.rs.HEAD",
    "jakarta.ws.rs.OPTIONS",
    "jakarta.ws.rs.HttpMethod",
    "javax.ws.rs.GET",
    "javax.ws.rs.POST",
    "javax.ws.rs.PUT",
    "javax.ws.rs.DELETE",
    "javax.ws.rs.HEAD",
    "javax.ws.rs.OPTIONS",
    "javax.ws.rs.HttpMethod",
    "io.micronaut.http.annotation.Get",
    "io.micronaut.http.annotation.Post",
    "io.micronaut.http.annotation.Put",
    "io.micronaut.http.annotation.Delete",
    "io.micronaut.http.annotation.Patch",
    "io.micronaut.http.annotation.HttpMethodMapping",
    "io.quarkus.vertx.web.Route",
];

/// Annotations that are composed of a stereotype but mark what sets the application up, dotted.
const SET_UP: &[&str] = &["org.springframework.context.annotation.Configuration"];

/// Whether what carries the annotation, or is composed of it, runs once at the start and serves no
/// requests, although a stereotype is among its parts.
pub fn is_set_up(annotation: &str) -> bool {
    SET_UP.contains(&annotation)
}

/// The class annotation's simple name if it is a stereotype, e.g. `RestController`.
pub fn class_stereotype(annotation: &str) -> Option<&'static str> {
    simple_name_in(CLASS_STEREOTYPES, annotation)
}

/// The method annotation's simple name if it is a mapping, e.g. `GetMapping`.
pub fn method_mapping(annotation: &str) -> Option<&'static str> {
    simple_name_in(METHOD_MAPPINGS, annotation)
}

fn simple_name_in(table: &[&'static str], annotation: &str) -> Option<&'static str> {
    let known = table.iter().find(|known| **known == annotation)?;
    known.rsplit('.').next()
}
