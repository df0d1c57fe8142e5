"""The Core Business Vocabulary 2.0 as data: standard words by field, and where each lives on the web."""

from __future__ import annotations

CBV = "https://ref.gs1.org/cbv/"
GS1 = "https://ref.gs1.org/voc/"

BIZ_STEPS = frozenset(
    "accepting arriving assembling collecting commissioning consigning creating_class_instance cycle_counting "
    "decommissioning departing destroying disassembling dispensing encoding entering_exiting holding inspecting "
    "installing killing loading other packing picking receiving removing repackaging repairing replacing reserving "
    "retail_selling sampling sensor_reporting shipping staging_outbound stock_taking stocking storing transporting "
    "unloading unpacking void_shipping".split()
)
DISPOSITIONS = frozenset(
    "active available completeness_inferred completeness_verified conformant container_closed container_open damaged "
    "destroyed dispensed disposed encoded expired in_progress in_transit inactive mismatch_class mismatch_instance "
    "mismatch_quantity needs_replacement no_pedigree_match non_conformant non_sellable_other partially_dispensed "
    "recalled reserved retail_sold returned sellable_accessible sellable_not_accessible stolen unavailable unknown".split()
)
BIZ_TRANSACTION_TYPES = frozenset(
    "bol cert desadv inv pedigree po poc prodorder recadv rma testprd testres upevt".split()
)
SOURCE_DESTINATION_TYPES = frozenset("owning_party possessing_party location".split())
ERROR_REASONS = frozenset("did_not_occur incorrect_data".split())
COMPONENTS = frozenset(
    "x y z axial_distance azimuth height spherical_radius polar_angle elevation_angle easting northing latitude "
    "longitude altitude".split()
)
SENSOR_ALERTS = frozenset("ALARM_CONDITION ERROR_CONDITION".split())
MEASUREMENTS = frozenset(
    "AbsoluteHumidity AbsorbedDose AbsorbedDoseRate Acceleration Altitude AmountOfSubstance "
    "AmountOfSubstancePerUnitVolume Angle AngularAcceleration AngularMomentum AngularVelocity Area Capacitance "
    "Conductance Conductivity Count Density Dimensionless DoseEquivalent DoseEquivalentRate DynamicViscosity "
    "EffectiveDose EffectiveDoseRate ElectricCharge ElectricCurrent ElectricCurrentDensity ElectricFieldStrength "
    "Energy Exposure Force Frequency Illuminance Inductance Irradiance KinematicViscosity Length LinearMomentum "
    "Luminance LuminousFlux LuminousIntensity MagneticFlux MagneticFluxDensity MagneticVectorPotential Mass "
    "MassConcentration MassFlowRate MassPerAreaTime MemoryCapacity MolalityOfSolute MolarConcentration MolarEnergy "
    "MolarMass MolarThermodynamicEnergy MolarVolume Power Pressure RadiantFlux RadiantIntensity Radioactivity "
    "RelativeHumidity Resistance Resistivity SolidAngle SpecificVolume Speed SurfaceDensity SurfaceTension "
    "Temperature Time Torque Voltage Volume VolumeFlowRate VolumeFraction VolumetricFlux Wavenumber".split()
)
_MEASUREMENTS_FOLDED = frozenset(word.lower() for word in MEASUREMENTS)

# field → (words, what stands before a word on the web, the segment in urn:epcglobal:cbv:…)
FIELDS: dict[str, tuple[frozenset[str], str, str]] = {
    "bizStep": (BIZ_STEPS, CBV + "BizStep-", "bizstep"),
    "disposition": (DISPOSITIONS, CBV + "Disp-", "disp"),
    "bizTransaction type": (BIZ_TRANSACTION_TYPES, CBV + "BTT-", "btt"),
    "source or destination type": (SOURCE_DESTINATION_TYPES, CBV + "SDT-", "sdt"),
    "reason": (ERROR_REASONS, CBV + "ER-", "er"),
    "component": (COMPONENTS, CBV + "Comp-", "comp"),
    "sensor report type": (MEASUREMENTS, GS1, ""),
    "exception": (SENSOR_ALERTS, GS1, ""),
}
URN = "urn:epcglobal:cbv:"
_WEB_OF_URN = {f"{URN}{segment}:": web for _words, web, segment in FIELDS.values() if segment}
_CURIES = {"cbv": CBV, "gs1": GS1, "epcis": "https://ref.gs1.org/epcis/"}
# prefixes that the EPCIS context declares itself
KNOWN_PREFIXES: dict[str, str] = {
    "cbv": CBV,
    "gs1": GS1,
    "epcis": "https://ref.gs1.org/epcis/",
    "cbvmda": "urn:epcglobal:cbv:mda",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "dcterms": "http://purl.org/dc/terms/",
    "vann": "http://purl.org/vocab/vann/",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "vs": "http://www.w3.org/2003/06/sw-vocab-status/ns#",
}


def is_standard(field: str, word: str) -> bool:
    words = FIELDS[field][0]
    if word in words:
        return True
    # drafts wrote measurements with underscores (Molar_concentration), and such documents are about
    return words is MEASUREMENTS and word.replace("_", "").lower() in _MEASUREMENTS_FOLDED


def on_the_web(field: str, value: str) -> str:
    """The full address of a bare standard word; another value stays as it is."""
    return FIELDS[field][1] + value if is_standard(field, value) else value


def expanded(value: str) -> str:
    """CURIEs of GS1's own namespaces and CBV's URNs as web addresses; other values stay as they are."""
    head, colon, rest = value.partition(":")
    if colon and head in _CURIES:
        return _CURIES[head] + rest
    if value.startswith(URN):
        for urn, web in _WEB_OF_URN.items():
            if value.startswith(urn):
                return web + value[len(urn) :]
    return value
