import ArgumentParser

/// The city's kinds of message (Schemas/<name>/schema.json), as generators of realistic records.
///
/// The same kind, seed and index make the same record on every machine: the quick start and the tests compare.
enum SampleKind: String, CaseIterable, ExpressibleByArgument, Sendable {
    case serviceRequest = "service-request"
    case serviceRequestStatus = "service-request-status"
    case trafficCount = "traffic-count"
    case publicOrderIncident = "public-order-incident"
    case airQuality = "air-quality"
    case vaccination
    case schoolEnrolment = "school-enrolment"
    case businessRegistration = "business-registration"
    case satisfactionSurvey = "satisfaction-survey"

    /// One record as JSON. `index` counts from 0 and numbers what is numbered in life: requests, incidents, enrolments.
    func record(_ index: Int, seed: UInt64) -> JSONText {
        var random = SampleRandom(seed: seed, index: index)
        return switch self {
        case .serviceRequest: ServiceRequestSample.make(index, &random)
        case .serviceRequestStatus: ServiceRequestStatusSample.make(index, &random)
        case .trafficCount: TrafficCountSample.make(index, &random)
        case .publicOrderIncident: PublicOrderIncidentSample.make(index, &random)
        case .airQuality: AirQualitySample.make(index, &random)
        case .vaccination: VaccinationSample.make(index, &random)
        case .schoolEnrolment: SchoolEnrolmentSample.make(index, &random)
        case .businessRegistration: BusinessRegistrationSample.make(index, &random)
        case .satisfactionSurvey: SatisfactionSurveySample.make(index, &random)
        }
    }
}
